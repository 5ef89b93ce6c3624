// The gradient of filters: of each filter and each number that a window sees, the sum over
// the places of the gradient times that number. Places fall into parts, a block each, which
// sum_parts adds in order.
#include "gather.h"

constexpr int across_words = 72;  // of a place's 64 numbers in shared memory: no two threads of a warp meet in a bank
static_assert(32 * across_words <= tile * pitch_words);

template <Precision P> DEVICE void weights(const float *images, const float *gradient, float *sums, const Gather &g, long long rows, int filters,
	int gradient_step, long long stride, int parts) {
	unsigned *shared = (unsigned *)shared_memory();
	int part = block_z(), column0 = block_x() * tile, filter0 = block_y() * tile;
	int column = column0 + thread() % 16 * 4, filter = filter0 + thread() % 16 * 4;
	int tap = column / g.step, channel = column % g.step;
	bool there = tap < g.size * g.size;
	int groups = (int)least(8LL, (stride - column0) / 8);
	long long pieces = (rows + 31) / 32, piece1 = (part + 1) * pieces / parts, ahead_piece = part * pieces / parts, piece = ahead_piece;
	int ahead_stage = 0, stage = 0;
	auto ahead = [&]() {
		if (ahead_piece < piece1) {
			unsigned *to = shared + ahead_stage * stage_words + thread() / 16 * across_words + thread() % 16 * 4;
			UNROLL(4)
			for (int i = 0; i < 4; i++) {
				long long row = ahead_piece * 32 + thread() / 16 + 8 * i;
				bool of_filter = row < rows && filter < gradient_step;
				copy_async(to + 8 * i * across_words, gradient + (of_filter ? row * gradient_step + filter : 0), of_filter ? 16 : 0);
				long long pixel = there ? pixel_of(g, place_of(g, row, rows), tap) : -1;
				copy_channels(to + 8 * i * across_words + tile * pitch_words, images, g, pixel, channel);
			}
			ahead_stage = ahead_stage + 1 == stages ? 0 : ahead_stage + 1;
			ahead_piece++;
		}
		copy_commit();
	};
	for (int i = 0; i < stages - 1; i++) ahead();
	bool busy = filter0 + thread() / 32 * 16 < filters;  // the warp has filters
	float sum[8][4] = {};
	for (; piece < piece1; piece++) {
		copy_wait<stages - 2>();
		barrier();
		ahead();
		const unsigned *at = shared + stage * stage_words;
		stage = stage + 1 == stages ? 0 : stage + 1;
		if (busy) add_products<P, float, 1, across_words>(sum, at, at + tile * pitch_words, groups);
	}
	int lane = thread() % 32;
	UNROLL(8)
	for (int j = 0; j < 8; j++) {
		UNROLL(4)
		for (int i = 0; i < 4; i++) {
			int f = filter0 + thread() / 32 * 16 + lane / 4 + i / 2 * 8;
			long long c = column0 + 8 * j + lane % 4 * 2 + i % 2;
			if (f < filters && c < stride) sums[((long long)part * filters + f) * stride + c] = sum[j][i];
		}
	}
}

#define WEIGHTS(name, P)                                                                                                     \
	KERNEL(name, threads, const float *images, const float *gradient, float *sums, long long height, long long width,        \
		long long step, long long down, long long across, long long size, long long stride, long long pad, long long back,    \
		long long rows, long long filters, long long gradient_step, long long filter_stride, long long parts) {               \
		GATHER;                                                                                                               \
		weights<P>(images, gradient, sums, g, rows, (int)filters, (int)gradient_step, filter_stride, (int)parts);             \
	}

WEIGHTS(weights_fp32, fp32)
WEIGHTS(weights_tf32, tf32)
WEIGHTS(weights_bf16, bfloat)

// sum_parts is the sum of the parts (each n numbers), in their order.
KERNEL(sum_parts, 128, float *to, const float *parts, long long count, long long n) {
	each(n, [&](long long i) {
		float sum = 0;
		for (long long p = 0; p < count; p++) sum += parts[p * n + i];
		to[i] = sum;
	});
}

// turn_filters makes of filters (outputs × stride: taps of step numbers) those of the way
// back (channels × back_stride: taps of back_step numbers, one for each output).
KERNEL(turn_filters, 128, float *to, const float *filters, long long channels, long long outputs, long long taps, long long step, long long stride,
	long long back_step, long long back_stride) {
	each(channels * back_stride, [&](long long i) {
		long long c = i / back_stride, tap = i % back_stride / back_step, o = i % back_stride % back_step;
		to[i] = tap < taps && o < outputs ? filters[o * stride + tap * step + c] : 0;
	});
}
