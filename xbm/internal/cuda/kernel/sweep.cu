// The negatives of a loss: one sweep over the columns, from their similarities to the sums
// that the loss needs and the sum of the columns by weight. Which pairs are negatives, the
// labels say.
//
// The columns fall into parts, a block each (and each 64 anchors, and each 128 numbers of
// the gradient). A part's weights are relative to its largest logit so far; when that
// rises, what was summed before is scaled.
#include "tile.h"

enum Weighting { weigh_nearest, weigh_exp, weigh_circle, weigh_hinge, weigh_ranked };

// Sweep is the arguments of a sweep.
struct Sweep {
	int n, m;
	long long stride;
	Weighting weighting;
	bool euclidean;
	float sharpness, margin, least, near;
};

// Row is what an anchor's negatives add up to.
struct Row {
	float top, sum;
	int count;
};

constexpr float log2_e = 1.4426950408889634f;
constexpr float nothing = -3.4e38f;

// exact is the squared distance of a row of the anchors and one of the columns.
template <class T> DEVICE float exact(const T *a, const T *b, long long stride) {
	float sum = 0;
	for (long long k = 0; k < stride; k++) {
		float x, y;
		if constexpr (sizeof(T) == 2) {
			x = widen(a[k]);
			y = widen(b[k]);
		} else {
			x = a[k];
			y = b[k];
		}
		sum += (x - y) * (x - y);
	}
	return sum;
}

// logit is what a weight is the exponential of, and alpha what multiplies it.
DEVICE float logit(const Sweep &s, float x, float *alpha) {
	*alpha = 1;
	if (s.weighting == weigh_exp) return s.sharpness * x;
	*alpha = most(0.f, x + s.margin);
	return s.sharpness * *alpha * (x - s.margin);
}

// rise lifts the rows' largest logit to that of the negatives among a thread's 32
// similarities and its three neighbours', and scales what was summed before.
DEVICE void rise(const Sweep &s, const float *mine, unsigned mask, Row *row, float (*sum)[4], int sums) {
	float top[2] = {row[0].top, row[1].top}, keep[2], alpha;
	UNROLL(4)
	for (int i = 0; i < 32; i++) {
		if (mask >> i & 1) top[i / 2 % 2] = most(top[i / 2 % 2], logit(s, mine[i * threads], &alpha));
	}
	UNROLL(2)
	for (int half = 0; half < 2; half++) {
		top[half] = most(top[half], shuffle_xor(top[half], 1));
		top[half] = most(top[half], shuffle_xor(top[half], 2));
		keep[half] = row[half].top == nothing ? 0.f : exp2_of((row[half].top - top[half]) * log2_e);
		row[half].top = top[half];
		row[half].sum *= keep[half];
	}
	UNROLL(16)
	for (int q = 0; q < sums; q++) {
		sum[q][0] *= keep[0];
		sum[q][1] *= keep[0];
		sum[q][2] *= keep[1];
		sum[q][3] *= keep[1];
	}
}

// ranked is how many of the positives, whose aparts rise, are above bound.
DEVICE int ranked(const float *aparts, int count, float bound) {
	int low = 0, high = count;
	while (low < high) {
		int middle = (low + high) / 2;
		if (aparts[middle] > bound) high = middle;
		else low = middle + 1;
	}
	return count - low;
}

template <Precision P, bool WEIGH>
DEVICE void sweep(const typename Of<P>::Number *anchors, const typename Of<P>::Number *columns, const int *anchor_labels, const int *labels,
	const float *factors, const float *above, const float *below, const float *aparts, const int *first, int *ranks,
	float *tops, float *sums, int *counts, float *gradient, const Sweep &s) {
	typedef typename Of<P>::Number T;
	constexpr int piece = piece_bytes / sizeof(T);          // numbers
	constexpr int pieces = WEIGH ? 128 / piece : 0;         // of the gradient, at most
	constexpr int across = WEIGH ? 16 : 1;                  // of sum
	unsigned *shared = (unsigned *)shared_memory();
	float *mine = (float *)(shared + stages * stage_words) + thread();  // similarities, then weights

	int lane = thread() % 32, group = lane / 4, place = lane % 4;
	int anchor = block_y() * tile + thread() / 32 * 16 + group;  // and the one 8 further on
	int own = block_z() * pieces;                                // first piece of the gradient
	int depth = s.stride / piece;
	int width = WEIGH ? least(pieces, depth - own) : 0;
	int all = (s.m + tile - 1) / tile, parts = blocks_x(), part = block_x();
	int tile0 = (int)((long long)part * all / parts), tile1 = (int)((long long)(part + 1) * all / parts);

	// Pieces come in the order of use: of each tile those of the products, then those of the
	// gradient again.
	int ahead_tile = tile0, ahead_piece = 0, ahead_stage = 0, stage = 0;
	auto ahead = [&]() {
		if (ahead_tile < tile1) {
			unsigned *to = shared + ahead_stage * stage_words;
			bool product = ahead_piece < depth;
			copy_piece(to, columns, ahead_tile * tile, s.m, s.stride, product ? ahead_piece : ahead_piece - depth + own);
			if (product) copy_piece(to + tile * pitch_words, anchors, block_y() * tile, s.n, s.stride, ahead_piece);
			ahead_stage = ahead_stage + 1 == stages ? 0 : ahead_stage + 1;
			if (++ahead_piece == depth + width) {
				ahead_piece = 0;
				ahead_tile++;
			}
		}
		copy_commit();
	};
	auto next = [&]() {
		copy_wait<stages - 2>();
		barrier();
		ahead();
		const unsigned *at = shared + stage * stage_words;
		stage = stage + 1 == stages ? 0 : stage + 1;
		return at;
	};
	for (int i = 0; i < stages - 1; i++) ahead();

	Row row[2];
	int label[2], positives[2];
	float low[2], high[2];
	const float *apart[2];
	bool there[2];
	for (int half = 0; half < 2; half++) {
		int i = anchor + 8 * half;
		there[half] = i < s.n;
		row[half].top = nothing;
		row[half].sum = 0;
		row[half].count = WEIGH ? 0 : -1;
		label[half] = there[half] ? anchor_labels[i] : 0;
		low[half] = there[half] && above ? above[i] : nothing;
		high[half] = there[half] && below ? below[i] : -nothing;
		apart[half] = there[half] && first ? aparts + first[i] : aparts;
		positives[half] = there[half] && first ? first[i + 1] - first[i] : 0;
	}
	float sum[across][4] = {};

	for (int t = tile0; t < tile1; t++) {
		float sim[8][4] = {};
		for (int k = 0; k < depth; k++) {
			const unsigned *at = next();
			add_products<P>(sim, at + tile * pitch_words, at);
		}
		// Similarity i is of the row i/2%2 and of column(i).
		UNROLL(32)
		for (int i = 0; i < 32; i++) mine[i * threads] = sim[i / 4][i % 4];
		auto column = [&](int i) { return t * tile + 8 * (i / 4) + 2 * place + i % 2; };
		unsigned mask = 0;  // which are of negatives
		UNROLL(4)
		for (int i = 0; i < 32; i++) {
			int j = column(i), half = i / 2 % 2;
			float x = mine[i * threads];
			if (there[half] && j < s.m && labels[j] != label[half] && x > low[half] && x < high[half]) mask |= 1u << i;
		}
		if constexpr (!WEIGH) {
			UNROLL(8)
			for (int i = 0; i < 32; i++) {
				Row &r = row[i / 2 % 2];
				float x = mine[i * threads];
				if ((mask >> i & 1) && (r.count < 0 || x > r.top)) {
					r.top = x;
					r.count = column(i);
				}
			}
			continue;
		}
		if (s.weighting == weigh_exp || s.weighting == weigh_circle) {
			rise(s, mine, mask, row, sum, across);
		}
		UNROLL(4)
		for (int i = 0; i < 32; i++) {
			int j = column(i), half = i / 2 % 2;
			float x = mine[i * threads], w = 0;
			Row &r = row[half];
			if (mask >> i & 1) {
				if (s.weighting == weigh_exp || s.weighting == weigh_circle) {
					float alpha, e = exp2_of((logit(s, x, &alpha) - r.top) * log2_e);
					r.sum += e;
					r.count++;
					w = alpha * e;
				} else {
					float d = -x, slope = 1;
					if (s.euclidean) {
						float square = x >= s.near ? exact(anchors + (anchor + 8 * half) * s.stride, columns + j * s.stride, s.stride) : 2 - 2 * x;
						d = root(most(0.f, square));
						slope = d > 0 ? 1 / d : 0;
					}
					if (s.weighting == weigh_hinge) {
						if (s.margin - d > s.least) {
							r.sum += s.margin - d;
							r.count++;
							w = slope;
						}
					} else if (int times = ranked(apart[half], positives[half], d - s.margin)) {
						r.sum += times * d;
						r.count++;
						w = times * slope;
						if (block_z() == 0) add_count(ranks + (apart[half] - aparts) + positives[half] - times, 1);
					}
				}
				if (factors) w *= factors[j];
			}
			mine[i * threads] = w;
		}
		UNROLL(4)
		for (int k = 0; k < pieces; k++) {
			if (k < width) add_columns<P>(sum + k * (piece / 8), mine, next());
		}
	}

	for (int half = 0; half < 2; half++) {
		Row &r = row[half];
		for (int step = 1; step < 4; step *= 2) {
			if constexpr (WEIGH) {
				r.sum += shuffle_xor(r.sum, step);
				r.count += shuffle_xor(r.count, step);
			} else {
				float top = shuffle_xor(r.top, step);
				int column = shuffle_xor(r.count, step);
				if (column >= 0 && (r.count < 0 || top > r.top || (top == r.top && column < r.count))) {
					r.top = top;
					r.count = column;
				}
			}
		}
		if (!there[half]) continue;
		long long at = (long long)part * s.n + anchor + 8 * half;
		if (place == 0 && block_z() == 0) {
			tops[at] = r.top;
			sums[at] = r.sum;
			counts[at] = r.count;
		}
		if constexpr (WEIGH) {
			UNROLL(16)
			for (int q = 0; q < across; q++) {
				long long k = block_z() * 128 + 8 * q + 2 * place;
				if (k >= s.stride) continue;
				gradient[at * s.stride + k] = sum[q][2 * half];
				gradient[at * s.stride + k + 1] = sum[q][2 * half + 1];
			}
		}
	}
}

#define SWEEP(name, P, WEIGH)                                                                                                   \
	KERNEL(name, threads, const Of<P>::Number *anchors, const Of<P>::Number *columns, const int *anchor_labels,                 \
		const int *labels, const float *factors, const float *above, const float *below, const float *aparts, const int *first, \
		int *ranks, float *tops, float *sums, int *counts, float *gradient, long long n, long long m, long long stride,         \
		long long weighting, long long euclidean, double sharpness, double margin, double least, double near) {                 \
		Sweep s{(int)n, (int)m, stride, (Weighting)weighting, euclidean != 0, (float)sharpness, (float)margin, (float)least, (float)near}; \
		sweep<P, WEIGH>(anchors, columns, anchor_labels, labels, factors, above, below, aparts, first, ranks, tops, sums, counts, gradient, s); \
	}

SWEEP(sweep_fp32, fp32, true)
SWEEP(sweep_tf32, tf32, true)
SWEEP(sweep_bf16, bfloat, true)
SWEEP(nearest_fp32, fp32, false)
SWEEP(nearest_bf16, bfloat, false)

// gradient is the parts' sums by their factors, in the order of the parts. One block an
// anchor.
KERNEL(gradient, 128, float *to, const float *sums, const float *factors, long long n, long long parts, long long dim, long long stride) {
	long long i = block_x();
	for (long long k = thread(); k < dim; k += 128) {
		float sum = 0;
		for (long long part = 0; part < parts; part++) {
			float factor = factors[part * n + i];
			if (factor != 0) sum += factor * sums[(part * n + i) * stride + k];
		}
		to[i * dim + k] = sum;
	}
}
