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
