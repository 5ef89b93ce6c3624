// Operations row by row, a block each.
#include "rows.h"

// normalize brings rows of n numbers to unit length; of zeros they stay zeros. inverses, if
// not null, gets 1/length.
KERNEL(normalize, 128, float *to, const float *x, float *inverses, long long n) {
	float *shared = (float *)shared_memory(), sum = 0;
	const float *row = x + (long long)block_x() * n;
	for (long long k = thread(); k < n; k += 128) sum += row[k] * row[k];
	sum = sum_block(sum, shared);
	float inverse = sum == 0 ? 0 : 1 / root(sum);
	for (long long k = thread(); k < n; k += 128) to[block_x() * n + k] = row[k] * inverse;
	if (inverses && thread() == 0) inverses[block_x()] = inverse;
}

// layer_norm brings rows, of whose step numbers channels count, to mean 0 and variance 1,
// then scales and shifts them. moments, if not null, gets mean and 1/deviation.
KERNEL(layer_norm, 128, float *to, const float *x, const float *scales, const float *shifts, float *moments, long long channels, long long step, double epsilon) {
	float *shared = (float *)shared_memory(), sum = 0, squares = 0;
	const float *row = x + (long long)block_x() * step;
	for (long long k = thread(); k < channels; k += 128) sum += row[k];
	float mean = sum_block(sum, shared) / (float)channels;
	for (long long k = thread(); k < channels; k += 128) squares += (row[k] - mean) * (row[k] - mean);
	float inverse = 1 / root(sum_block(squares, shared) / (float)channels + (float)epsilon);
	for (long long k = thread(); k < step; k += 128) to[block_x() * step + k] = k < channels ? (row[k] - mean) * inverse * scales[k] + shifts[k] : 0;
	if (moments && thread() == 0) {
		moments[2 * block_x()] = mean;
		moments[2 * block_x() + 1] = inverse;
	}
}

// tokens puts a row, the class token, before the places of each image: n numbers in all.
KERNEL(tokens, 128, float *to, const float *x, const float *first, long long n, long long places, long long step) {
	each(n, [&](long long i) {
		long long token = i / step % (1 + places), image = i / step / (1 + places);
		to[i] = token == 0 ? first[i % step] : x[((image * places) + token - 1) * step + i % step];
	});
}

// attention is what one token of an image takes of all by one head: a block for each token,
// head and image. A token's queries, keys and values, dim numbers each, lie in a row of step.
// Shared memory holds a share for each token.
KERNEL(attention, 128, float *to, const float *x, long long tokens, long long dim, long long heads, long long step, long long to_step) {
	float *shared = (float *)shared_memory(), *shares = shared + 4;
	long long token = block_x(), head = block_y(), image = block_z(), width = dim / heads;
	const float *queries = x + image * tokens * step + head * width, *keys = queries + dim, *values = keys + dim;
	float *out = to + (image * tokens + token) * to_step + head * width;
	float scale = 1.4426950408889634f / root((float)width), top = -3.4e38f, sum = 0;
	for (long long t = thread(); t < tokens; t += 128) {
		float s = 0;
		for (long long k = 0; k < width; k++) s += queries[token * step + k] * keys[t * step + k];
		shares[t] = s;
		top = most(top, s);
	}
	top = most_block(top, shared);
	for (long long t = thread(); t < tokens; t += 128) {
		float e = exp2_of((shares[t] - top) * scale);
		shares[t] = e;
		sum += e;
	}
	sum = sum_block(sum, shared);
	for (long long k = thread(); k < width; k += 128) {
		float v = 0;
		for (long long t = 0; t < tokens; t++) v += shares[t] * values[t * step + k];
		out[k] = v / sum;
	}
	if (head == heads - 1) {
		for (long long k = width + thread(); k < to_step - head * width; k += 128) out[k] = 0;
	}
}
