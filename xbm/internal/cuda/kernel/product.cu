// Rows of gathered images times filters: convolutions and linear maps, forward, and the
// gradient of their input. A block makes 64 rows × 64 outputs.
#include "gather.h"

// The filters are rows of stride numbers, zeros after the last tap: stride is a multiple of
// 32. To the products come a number for each output (shifts, or null) and those of other
// rows like y's (or null); with floor nothing is below 0. Numbers of y between outputs and
// step become zeros.
template <Precision P> DEVICE void product(const float *images, const float *filters, const float *shifts, const float *other, float *y,
	const Gather &g, long long rows, int outputs, int step, long long stride, bool floor) {
	unsigned *shared = (unsigned *)shared_memory();
	int part = thread() % 8, across = g.step / 4, chunks = g.size * g.size * across, pieces = (chunks + 7) / 8;
	long long row0 = (long long)block_x() * tile;
	int output0 = block_y() * tile, groups = least(8, (step - output0 + 7) / 8);
	Place places[4];
	UNROLL(4)
	for (int i = 0; i < 4; i++) places[i] = place_of(g, row0 + thread() / 8 + 16 * i, rows);
	int ahead_piece = 0, ahead_stage = 0, stage = 0;
	auto ahead = [&]() {
		if (ahead_piece < pieces) {
			unsigned *to = shared + ahead_stage * stage_words;
			int chunk = ahead_piece * 8 + part, tap = chunk / across, channel = chunk % across * 4;
			UNROLL(4)
			for (int i = 0; i < 4; i++) {
				long long pixel = chunk < chunks ? pixel_of(g, places[i], tap) : -1;
				copy_channels(to + (thread() / 8 + 16 * i) * pitch_words + part * 4, images, g, pixel, channel);
			}
			copy_piece(to + tile * pitch_words, filters, output0, outputs, stride, ahead_piece);
			ahead_stage = ahead_stage + 1 == stages ? 0 : ahead_stage + 1;
			ahead_piece++;
		}
		copy_commit();
	};
	for (int i = 0; i < stages - 1; i++) ahead();
	bool busy = row0 + thread() / 32 * 16 < rows;  // the warp has rows
	float sum[8][4] = {};
	for (int k = 0; k < pieces; k++) {
		copy_wait<stages - 2>();
		barrier();
		ahead();
		const unsigned *at = shared + stage * stage_words;
		stage = stage + 1 == stages ? 0 : stage + 1;
		if (busy) add_products<P, float>(sum, at, at + tile * pitch_words, groups);
	}
	int lane = thread() % 32;
	long long row = row0 + thread() / 32 * 16 + lane / 4;
	UNROLL(8)
	for (int j = 0; j < 8; j++) {
		UNROLL(4)
		for (int i = 0; i < 4; i++) {
			long long r = row + i / 2 * 8;
			int o = output0 + 8 * j + lane % 4 * 2 + i % 2;
			if (r >= rows || o >= step) continue;
			float v = sum[j][i];
			if (shifts && o < outputs) v += shifts[o];
			if (other) v += other[r * step + o];
			if (floor) v = v > 0 ? v : v != v ? v : 0;
			y[r * step + o] = o < outputs ? v : 0;
		}
	}
}

#define PRODUCT(name, P)                                                                                                     \
	KERNEL(name, threads, const float *images, const float *filters, const float *shifts, const float *other, float *y,      \
		long long height, long long width, long long step, long long down, long long across, long long size, long long stride, \
		long long pad, long long back, long long rows, long long outputs, long long out_step, long long filter_stride, long long floor) { \
		GATHER;                                                                                                               \
		product<P>(images, filters, shifts, other, y, g, rows, (int)outputs, (int)out_step, filter_stride, floor != 0);       \
	}

PRODUCT(product_fp32, fp32)
PRODUCT(product_tf32, tf32)
PRODUCT(product_bf16, bfloat)
