// Sums over a row by all threads of a block.
#pragma once
#include "device.h"

// sum_block is the sum of what the 128 threads bring, the same in each; shared is room for 4
// numbers.
DEVICE float sum_block(float x, float *shared) {
	UNROLL(5)
	for (int mask = 16; mask > 0; mask /= 2) x += shuffle_xor(x, mask);
	barrier();
	if (thread() % 32 == 0) shared[thread() / 32] = x;
	barrier();
	return shared[0] + shared[1] + (shared[2] + shared[3]);
}

DEVICE float most_block(float x, float *shared) {
	UNROLL(5)
	for (int mask = 16; mask > 0; mask /= 2) x = most(x, shuffle_xor(x, mask));
	barrier();
	if (thread() % 32 == 0) shared[thread() / 32] = x;
	barrier();
	return most(most(shared[0], shared[1]), most(shared[2], shared[3]));
}
