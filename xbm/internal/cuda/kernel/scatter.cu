// Rows of float32, as they come from the processor, go to their places in a ring.
#include "device.h"

DEVICE void store(float *to, float x) { *to = x; }
DEVICE void store(bf16 *to, float x) { *to = narrow(x); }

// One block a row. Numbers from dim to stride are zeros.
template <class T> DEVICE void scatter(T *ring, const float *rows, const int *slots, long long dim, long long stride) {
	long long row = block_x();
	T *to = ring + slots[row] * stride;
	for (long long k = thread(); k < stride; k += 128) store(to + k, k < dim ? rows[row * dim + k] : 0.f);
}

KERNEL(scatter_fp32, 128, float *ring, const float *rows, const int *slots, long long dim, long long stride) {
	scatter(ring, rows, slots, dim, stride);
}

KERNEL(scatter_bf16, 128, bf16 *ring, const float *rows, const int *slots, long long dim, long long stride) {
	scatter(ring, rows, slots, dim, stride);
}
