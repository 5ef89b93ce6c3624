// Attention: what a token takes of all, by queries, keys and values that lie side by side, dim
// numbers each of all heads, in rows of step. A block is for a token, a head and an image.
#include "rows.h"

// first_of is where the numbers of the block's head and image begin.
DEVICE long long first_of(long long tokens, long long width, long long step) { return (long long)block_z() * tokens * step + block_y() * width; }

// attention makes rows of to_step numbers. Shared memory holds a share for each token; shares,
// if not null, gets them (images × heads × tokens × tokens).
KERNEL(attention, 128, float *to, float *shares, const float *x, long long tokens, long long dim, long long heads, long long step, long long to_step) {
	long long width = dim / heads, first = first_of(tokens, width, step);
	float *shared = (float *)shared_memory(), *mine = shared + 4;
	long long token = block_x(), head = block_y(), image = block_z();
	const float *queries = x + first, *keys = queries + dim, *values = keys + dim;
	float *out = to + (image * tokens + token) * to_step + head * width;
	float scale = 1.4426950408889634f / root((float)width), top = -3.4e38f, sum = 0;
	for (long long t = thread(); t < tokens; t += 128) {
		float s = 0;
		for (long long k = 0; k < width; k++) s += queries[token * step + k] * keys[t * step + k];
		mine[t] = s;
		top = most(top, s);
	}
	top = most_block(top, shared);
	for (long long t = thread(); t < tokens; t += 128) {
		float e = exp2_of((mine[t] - top) * scale);
		mine[t] = e;
		sum += e;
	}
	sum = sum_block(sum, shared);
	for (long long k = thread(); k < width; k += 128) {
		float v = 0;
		for (long long t = 0; t < tokens; t++) v += mine[t] * values[t * step + k];
		out[k] = v / sum;
	}
	if (head == heads - 1) {
		for (long long k = width + thread(); k < to_step - head * width; k += 128) out[k] = 0;
	}
	if (!shares) return;
	float *row = shares + ((image * heads + head) * tokens + token) * tokens;
	for (long long t = thread(); t < tokens; t += 128) row[t] = mine[t] / sum;
}

// attention_queries makes the gradient of a token's queries, and slopes, those of the products
// of queries and keys: with shares P, dP = dY·Vᵀ, dS = P∘(dP - rowsum(dP∘P)), dQ = scale·dS·K.
KERNEL(attention_queries, 128, float *to, float *slopes, const float *shares, const float *dy, const float *x, long long tokens, long long dim,
	long long heads, long long step, long long dy_step) {
	long long width = dim / heads, first = first_of(tokens, width, step);
	float *shared = (float *)shared_memory(), *mine = shared + 4, along = 0;
	long long token = block_x(), head = block_y(), image = block_z(), place = ((image * heads + head) * tokens + token) * tokens;
	const float *keys = x + first + dim, *values = keys + dim, *out = dy + (image * tokens + token) * dy_step + head * width;
	for (long long t = thread(); t < tokens; t += 128) {
		float s = 0;
		for (long long k = 0; k < width; k++) s += out[k] * values[t * step + k];
		mine[t] = s;
		along += s * shares[place + t];
	}
	along = sum_block(along, shared);
	for (long long t = thread(); t < tokens; t += 128) {
		float s = shares[place + t] * (mine[t] - along);
		mine[t] = s;
		slopes[place + t] = s;
	}
	barrier();
	float scale = 1 / root((float)width);
	for (long long k = thread(); k < width; k += 128) {
		float v = 0;
		for (long long t = 0; t < tokens; t++) v += mine[t] * keys[t * step + k];
		to[first + token * step + k] = v * scale;
	}
	if (head == heads - 1) {
		for (long long k = 3 * dim + thread(); k < step; k += 128) to[(image * tokens + token) * step + k] = 0;
	}
}

// attention_keys makes those of a token's keys and values: dK = scale·dSᵀ·Q, dV = PᵀdY.
KERNEL(attention_keys, 128, float *to, const float *slopes, const float *shares, const float *dy, const float *x, long long tokens, long long dim,
	long long heads, long long step, long long dy_step) {
	long long width = dim / heads, first = first_of(tokens, width, step);
	long long token = block_x(), head = block_y(), image = block_z(), place = (image * heads + head) * tokens * tokens + token;
	const float *queries = x + first, *out = dy + image * tokens * dy_step + head * width;
	float scale = 1 / root((float)width);
	for (long long k = thread(); k < width; k += 128) {
		float of_key = 0, of_value = 0;
		for (long long q = 0; q < tokens; q++) {
			of_key += slopes[place + q * tokens] * queries[q * step + k];
			of_value += shares[place + q * tokens] * out[q * dy_step + k];
		}
		to[first + token * step + dim + k] = of_key * scale;
		to[first + token * step + 2 * dim + k] = of_value;
	}
}

// mix makes rows of step numbers, each of others by weight: by row r of a matrix of inner
// columns, or, turned, by column r of one of as many rows.
KERNEL(mix, 128, float *to, const float *matrix, const float *x, long long n, long long rows, long long inner, long long step, long long turned) {
	each(n, [&](long long i) {
		long long r = i / step;
		float sum = 0;
		for (long long k = 0; k < inner; k++) sum += (turned ? matrix[k * rows + r] : matrix[r * inner + k]) * x[k * step + i % step];
		to[i] = sum;
	});
}
