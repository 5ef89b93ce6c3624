// Images: how they lie, and windows that slide over their channels.
#include "gather.h"

// pixels brings images that lie channel by channel to pixels of step numbers.
KERNEL(pixels, 128, float *to, const float *from, long long n, long long places, long long channels, long long step) {
	each(n, [&](long long i) {
		long long c = i % step, place = i / step % places, image = i / step / places;
		to[i] = c < channels ? from[(image * channels + c) * places + place] : 0;
	});
}

// rescale makes other channels of pixels: number c is number from[c], times factors[c], plus
// shifts[c].
KERNEL(rescale, 128, float *to, const float *x, const int *from, const float *factors, const float *shifts, long long n, long long channels,
	long long step, long long x_step) {
	each(n, [&](long long i) {
		long long c = i % step;
		to[i] = c < channels ? x[i / step * x_step + from[c]] * factors[c] + shifts[c] : 0;
	});
}

// pool is the largest number, or the mean, of each place of a window, n numbers; winners, if
// not null, gets the tap that it was, or -1.
KERNEL(pool, 128, float *to, const float *x, int *winners, long long n, long long height, long long width, long long step, long long down,
	long long across, long long size, long long stride, long long pad, long long back, long long average) {
	GATHER;
	each(n, [&](long long i) {
		Place p = place_of(g, i / step, n / step);
		float best = 0, sum = 0;
		int winner = -1;
		for (int tap = 0; tap < size * size; tap++) {
			long long pixel = pixel_of(g, p, tap);
			if (pixel < 0) continue;
			float v = x[pixel * step + i % step];
			sum += v;
			if (winner < 0 || v > best || v != v) {
				best = v;
				winner = tap;
			}
		}
		to[i] = average ? sum / (float)(size * size) : best;
		if (winners) winners[i] = winner;
	});
}

// pool_all is the largest number, or the mean, of each channel over an image's places from
// place first on; winners, if not null, gets the place that it was.
KERNEL(pool_all, 128, float *to, const float *x, int *winners, long long n, long long places, long long step, long long first, long long average) {
	each(n, [&](long long i) {
		const float *from = x + i / step * places * step + i % step;
		float best = from[first * step], sum = best;
		int winner = (int)first;
		for (long long p = first + 1; p < places; p++) {
			float v = from[p * step];
			sum += v;
			if (v > best || v != v) {
				best = v;
				winner = (int)p;
			}
		}
		to[i] = average ? sum / (float)(places - first) : best;
		if (winners) winners[i] = winner;
	});
}

// depthwise is the cross-correlation of each channel with a filter of its own, tap by tap a
// row of step numbers. shifts and other may be null.
KERNEL(depthwise, 128, float *to, const float *x, const float *filters, const float *shifts, const float *other, long long n, long long height,
	long long width, long long step, long long down, long long across, long long size, long long stride, long long pad, long long back, long long floor) {
	GATHER;
	each(n, [&](long long i) {
		Place p = place_of(g, i / step, n / step);
		int c = (int)(i % step);
		float sum = shifts ? shifts[c] : 0;
		for (int tap = 0; tap < size * size; tap++) {
			long long pixel = pixel_of(g, p, tap);
			if (pixel >= 0) sum += x[pixel * step + c] * filters[tap * step + c];
		}
		if (other) sum += other[i];
		to[i] = floor && sum <= 0 ? 0 : sum;
	});
}
