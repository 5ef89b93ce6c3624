// The gradients of operations over numbers, windows and rows: of dy, that of the result.
#include "gather.h"
#include "rows.h"

// activate_back is dy by the slope of the activation at x.
KERNEL(activate_back, 128, float *to, const float *dy, const float *x, long long n, long long kind) {
	each(n, [&](long long i) {
		float slope;
		activation((Activation)kind, x[i], &slope);
		to[i] = dy[i] * slope;
	});
}

// pool_back gives each pixel what it won, or its part of the means, over the places that saw
// it; the Gather is the pooling's, back.
KERNEL(pool_back, 128, float *to, const float *dy, const int *winners, long long n, long long height, long long width, long long step, long long down,
	long long across, long long size, long long stride, long long pad, long long back, long long average) {
	GATHER;
	each(n, [&](long long i) {
		Place p = place_of(g, i / step, n / step);
		float sum = 0;
		for (int tap = 0; tap < size * size; tap++) {
			long long place = pixel_of(g, p, tap);
			if (place < 0) continue;
			if (average) sum += dy[place * step + i % step] / (float)(size * size);
			else if (winners[place * step + i % step] == tap) sum += dy[place * step + i % step];
		}
		to[i] = sum;
	});
}

// pool_all_back is that of pool_all; without winners it is place first that has won.
KERNEL(pool_all_back, 128, float *to, const float *dy, const int *winners, long long n, long long places, long long step, long long first, long long average) {
	each(n, [&](long long i) {
		long long place = i / step % places, from = i / step / places * step + i % step;
		bool counts = average ? place >= first : place == (winners ? winners[from] : first);
		to[i] = counts ? average ? dy[from] / (float)(places - first) : dy[from] : 0;
	});
}

// normalize_back is (dy - y·(y·dy))/length of rows of n numbers.
KERNEL(normalize_back, 128, float *to, const float *dy, const float *y, const float *inverses, long long n) {
	float *shared = (float *)shared_memory(), along = 0;
	long long first = block_x() * n;
	for (long long k = thread(); k < n; k += 128) along += y[first + k] * dy[first + k];
	along = sum_block(along, shared);
	for (long long k = thread(); k < n; k += 128) to[first + k] = (dy[first + k] - y[first + k] * along) * inverses[block_x()];
}

// layer_norm_back is that of layer_norm, whose moments are given; products gets dy·x̂, whose
// sums over the rows are the scales' gradient. With g = dy·γ and means over the row,
// dx = (g - mean(g) - x̂·mean(g·x̂))/deviation.
KERNEL(layer_norm_back, 128, float *to, float *products, const float *dy, const float *x, const float *scales, const float *moments, long long channels,
	long long step) {
	float *shared = (float *)shared_memory(), mean = moments[2 * block_x()], inverse = moments[2 * block_x() + 1], sum = 0, along = 0;
	long long first = block_x() * step;
	for (long long k = thread(); k < channels; k += 128) {
		float g = dy[first + k] * scales[k];
		sum += g;
		along += g * (x[first + k] - mean) * inverse;
	}
	sum = sum_block(sum, shared) / (float)channels;
	along = sum_block(along, shared) / (float)channels;
	for (long long k = thread(); k < step; k += 128) {
		float normal = (x[first + k] - mean) * inverse;
		to[first + k] = k < channels ? (dy[first + k] * scales[k] - sum - normal * along) * inverse : 0;
		products[first + k] = k < channels ? dy[first + k] * normal : 0;
	}
}

// depthwise_weights stores each part's sums, over its images, of what the filters' numbers
// (n: taps × step) saw, by the gradient.
KERNEL(depthwise_weights, 128, float *sums, const float *dy, const float *x, long long n, long long height, long long width, long long step, long long down,
	long long across, long long size, long long stride, long long pad, long long back, long long images, long long parts) {
	GATHER;
	long long part = block_y(), places = down * across, row1 = (part + 1) * images / parts * places;
	each(n, [&](long long i) {
		float sum = 0;
		for (long long row = part * images / parts * places; row < row1; row++) {
			long long pixel = pixel_of(g, place_of(g, row, row1), (int)(i / step));
			if (pixel >= 0) sum += dy[row * step + i % step] * x[pixel * step + i % step];
		}
		sums[part * n + i] = sum;
	});
}

// gate_back is that of the row of a gate: of each channel the sum over the places of dy·x.
KERNEL(gate_back, 128, float *to, const float *dy, const float *x, long long n, long long places, long long step) {
	each(n, [&](long long i) {
		long long first = i / step * places * step + i % step;
		float sum = 0;
		for (long long p = 0; p < places; p++) sum += dy[first + p * step] * x[first + p * step];
		to[i] = sum;
	});
}

// place_back takes channels of wider rows, from number at on; those after channels are zeros.
KERNEL(place_back, 128, float *to, const float *dy, long long n, long long channels, long long step, long long dy_step, long long at) {
	each(n, [&](long long i) { to[i] = i % step < channels ? dy[i / step * dy_step + at + i % step] : 0; });
}
