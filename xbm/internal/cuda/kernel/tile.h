// Products of a tile of 64 anchors with a tile of 64 columns, on tensor cores.
//
// A block is four warps; each has 16 anchors and all columns of the tile. Rows come in
// pieces of 128 bytes, by asynchronous copies, three pieces ahead. A row of a piece takes
// 144 bytes of shared memory, so that no two threads of a warp meet in a bank.
#pragma once
#include "device.h"

enum Precision { fp32, tf32, bfloat };

constexpr int tile = 64;
constexpr int threads = 128;
constexpr int piece_bytes = 128;
constexpr int pitch_words = 36;
constexpr int stages = 3;
constexpr int stage_words = 2 * tile * pitch_words;
constexpr int scratch_words = 32 * threads;  // 32 numbers of each thread: number i at i*threads
constexpr int shared_words = stages * stage_words + scratch_words;

template <Precision P> struct Of { typedef float Number; };
template <> struct Of<bfloat> { typedef bf16 Number; };

// copy_piece begins the copy of a piece of 64 rows from row first on; rows that are not
// there are zeros.
template <class T> DEVICE void copy_piece(unsigned *to, const T *rows, int first, int count, long long stride, int piece) {
	for (int i = thread(); i < tile * (piece_bytes / 16); i += threads) {
		int row = i / (piece_bytes / 16), part = i % (piece_bytes / 16);
		bool there = first + row < count;
		const char *from = (const char *)(rows + (there ? first + row : 0) * stride) + piece * piece_bytes + part * 16;
		copy_async(to + row * pitch_words + part * 4, from, there ? 16 : 0);
	}
}

// Words is a fragment in the form that a product takes: of float32, in two parts whose
// sum it is to 22 bits; of TF32 and BF16 as it is.
template <Precision P, int N> struct Words { unsigned high[N], low[N]; };
template <int N> struct Words<tf32, N> { unsigned high[N]; };
template <int N> struct Words<bfloat, N> { unsigned high[N]; };

template <Precision P, int N> DEVICE void put(Words<P, N> &w, int i, unsigned bits) {
	if constexpr (P == bfloat) {
		w.high[i] = bits;
	} else {
		w.high[i] = to_tf32(float_of(bits));
		if constexpr (P == fp32) w.low[i] = to_tf32(float_of(bits) - float_of(w.high[i]));
	}
}

template <Precision P> DEVICE void multiply(float *c, const Words<P, 4> &a, const Words<P, 2> &b) {
	if constexpr (P == bfloat) {
		mma_bf16(c, a.high, b.high);
	} else {
		if constexpr (P == fp32) {
			mma_tf32(c, a.low, b.high);
			mma_tf32(c, a.high, b.low);
		}
		mma_tf32(c, a.high, b.high);
	}
}

// word is what a fragment takes from a place of shared memory: a number of float32, two of
// BF16, or, where numbers lie there as float32, two of them rounded.
template <Precision P, class T, int STEP> DEVICE unsigned word(const unsigned *at) {
	if constexpr (P == bfloat && sizeof(T) == 4) return pack_rounded(float_of(at[0]), float_of(at[STEP]));
	else return at[0];
}

// add_products adds the products of a piece of the anchors and one of the columns to a
// warp's similarities: sim[j] is of columns 8j to 8j+7, as the tensor cores hand it out.
// Word k of row i lies at i·ROW + k·STEP; of the columns only some groups of 8 count.
template <Precision P, class T = typename Of<P>::Number, int ROW = pitch_words, int STEP = 1>
DEVICE void add_products(float (*sim)[4], const unsigned *anchors, const unsigned *columns, int groups = 8) {
	int lane = thread() % 32, warp = thread() / 32, group = lane / 4, place = lane % 4;
	constexpr int words = P == bfloat && sizeof(T) == 4 ? 2 : 1;  // that make one of a fragment
	const unsigned *a = anchors + (warp * 16 + group) * ROW + place * words * STEP;
	const unsigned *b = columns + group * ROW + place * words * STEP;
	UNROLL(2)
	for (int k = 0; k < piece_bytes / 32; k += words) {
		Words<P, 4> left;
		put(left, 0, word<P, T, STEP>(a + 8 * k * STEP));
		put(left, 1, word<P, T, STEP>(a + 8 * k * STEP + 8 * ROW));
		put(left, 2, word<P, T, STEP>(a + (8 * k + 4 * words) * STEP));
		put(left, 3, word<P, T, STEP>(a + (8 * k + 4 * words) * STEP + 8 * ROW));
		UNROLL(8)
		for (int j = 0; j < 8; j++) {
			if (j < groups) {
				Words<P, 2> right;
				put(right, 0, word<P, T, STEP>(b + 8 * j * ROW + 8 * k * STEP));
				put(right, 1, word<P, T, STEP>(b + 8 * j * ROW + (8 * k + 4 * words) * STEP));
				multiply<P>(sim[j], left, right);
			}
		}
	}
}

// add_columns adds the columns of a piece by weight: sum[q] is of the piece's numbers 8q
// to 8q+7. The thread's weights are those of the similarities that add_products gave it,
// 4j+i in place of sim[j][i]; the order in which a product runs through the columns is
// made to fit.
template <Precision P> DEVICE void add_columns(float (*sum)[4], const float *weights, const unsigned *columns) {
	int lane = thread() % 32, group = lane / 4, place = lane % 4;
	if constexpr (P == bfloat) {
		const bf16 *c = (const bf16 *)columns + 2 * place * 2 * pitch_words + group;
		constexpr int pitch = 2 * pitch_words;
		UNROLL(2)
		for (int j = 0; j < 8; j += 2) {
			auto two = [&](int i) { return pack(narrow(weights[(4 * j + i) * threads]), narrow(weights[(4 * j + i + 1) * threads])); };
			Words<P, 4> left;
			put(left, 0, two(0));
			put(left, 1, two(2));
			put(left, 2, two(4));
			put(left, 3, two(6));
			UNROLL(8)
			for (int q = 0; q < piece_bytes / 16; q++) {
				const bf16 *at = c + 8 * j * pitch + 8 * q;
				Words<P, 2> right;
				put(right, 0, pack(at[0], at[pitch]));
				put(right, 1, pack(at[8 * pitch], at[9 * pitch]));
				multiply<P>(sum[q], left, right);
			}
		}
	} else {
		const unsigned *c = columns + 2 * place * pitch_words + group;
		UNROLL(2)
		for (int j = 0; j < 8; j++) {
			Words<P, 4> left;
			put(left, 0, bits_of(weights[4 * j * threads]));
			put(left, 1, bits_of(weights[(4 * j + 2) * threads]));
			put(left, 2, bits_of(weights[(4 * j + 1) * threads]));
			put(left, 3, bits_of(weights[(4 * j + 3) * threads]));
			UNROLL(4)
			for (int q = 0; q < piece_bytes / 32; q++) {
				const unsigned *at = c + 8 * j * pitch_words + 8 * q;
				Words<P, 2> right;
				put(right, 0, at[0]);
				put(right, 1, at[pitch_words]);
				multiply<P>(sum[q], left, right);
			}
		}
	}
}

// each_tile takes the products of the block's 64 anchors with all columns of its part, and
// calls use with each tile's: of its first column and what add_products made.
template <Precision P, class T, class F> DEVICE void each_tile(const T *anchors, const T *columns, int n, int m, long long stride, F use) {
	unsigned *shared = (unsigned *)shared_memory();
	int depth = stride / (piece_bytes / sizeof(T)), all = (m + tile - 1) / tile;
	int tile0 = (int)((long long)block_x() * all / blocks_x()), tile1 = (int)((long long)(block_x() + 1) * all / blocks_x());
	int ahead_tile = tile0, ahead_piece = 0, ahead_stage = 0, stage = 0;
	auto ahead = [&]() {
		if (ahead_tile < tile1) {
			unsigned *to = shared + ahead_stage * stage_words;
			copy_piece(to, columns, ahead_tile * tile, m, stride, ahead_piece);
			copy_piece(to + tile * pitch_words, anchors, block_y() * tile, n, stride, ahead_piece);
			ahead_stage = ahead_stage + 1 == stages ? 0 : ahead_stage + 1;
			if (++ahead_piece == depth) {
				ahead_piece = 0;
				ahead_tile++;
			}
		}
		copy_commit();
	};
	for (int i = 0; i < stages - 1; i++) ahead();
	for (int t = tile0; t < tile1; t++) {
		float sim[8][4] = {};
		for (int k = 0; k < depth; k++) {
			copy_wait<stages - 2>();
			barrier();
			ahead();
			const unsigned *at = shared + stage * stage_words;
			stage = stage + 1 == stages ? 0 : stage + 1;
			add_products<P>(sim, at + tile * pitch_words, at);
		}
		use(t * tile, sim);
	}
}
