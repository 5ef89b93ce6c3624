// Operations number by number, over rows of step numbers of which channels count: the others
// are and stay zeros.
#include "device.h"

enum Activation { rectify, hard_swish, hard_sigmoid, gelu };

// below is Φ(x), to 1e-7, and density its slope.
//
//	Milton Abramowitz, Irene A. Stegun, Handbook of Mathematical Functions, 1964, formula
//	7.1.26.
DEVICE float below(float x, float *density) {
	float a = x < 0 ? -x : x, e = exp2_of(-0.7213475204444817f * x * x), t = 1 / (1 + 0.2316418882f * a);
	float tail = 0.5f * e * t * (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
	*density = 0.3989422804014327f * e;
	return x < 0 ? tail : 1 - tail;
}

// activation is that of x, and slope its derivative.
DEVICE float activation(Activation kind, float x, float *slope) {
	float share = least(most((x + 3) / 6, 0.f), 1.f), inner = x > -3 && x < 3 ? 1.f / 6 : 0, density, part;
	switch (kind) {
	case rectify:
		*slope = x > 0 ? 1 : 0;
		return x > 0 ? x : x != x ? x : 0;
	case hard_sigmoid:
		*slope = inner;
		return x != x ? x : share;
	case hard_swish:
		*slope = share + x * inner;
		return x * share;
	default:
		part = below(x, &density);
		*slope = part + x * density;
		return x * part;
	}
}

KERNEL(activate, 128, float *to, const float *from, long long n, long long channels, long long step, long long kind) {
	each(n, [&](long long i) {
		float slope;
		to[i] = i % step < channels ? activation((Activation)kind, from[i], &slope) : 0;
	});
}

// add is x + y, and with floor nothing below 0.
KERNEL(add, 128, float *to, const float *x, const float *y, long long n, long long floor) {
	each(n, [&](long long i) {
		float v = x[i] + y[i];
		to[i] = floor && v <= 0 ? 0 : v;
	});
}

// add_rows adds the same period of numbers to all of x.
KERNEL(add_rows, 128, float *to, const float *x, const float *rows, long long n, long long period) {
	each(n, [&](long long i) { to[i] = x[i] + rows[i % period]; });
}

// adjust is (x - mean)·factor + shift of each channel, with floor nothing below 0; means and
// shifts may be null.
KERNEL(adjust, 128, float *to, const float *from, const float *means, const float *factors, const float *shifts, long long n, long long channels,
	long long step, long long floor) {
	each(n, [&](long long i) {
		long long c = i % step;
		float v = 0;
		if (c < channels) {
			v = (from[i] - (means ? means[c] : 0)) * factors[c] + (shifts ? shifts[c] : 0);
			if (floor && v <= 0) v = 0;
		}
		to[i] = v;
	});
}

// gate multiplies the channels of an image, size numbers, by a row of step.
KERNEL(gate, 128, float *to, const float *x, const float *row, long long n, long long size, long long step) {
	each(n, [&](long long i) { to[i] = x[i] * row[i / size * step + i % step]; });
}

// place copies channels of rows to where they lie in wider rows: width numbers from number
// at on, those after channels zeros.
KERNEL(place, 128, float *to, const float *from, long long n, long long width, long long channels, long long step, long long to_step, long long at) {
	each(n, [&](long long i) {
		long long row = i / width, c = i % width;
		to[row * to_step + at + c] = c < channels ? from[row * step + c] : 0;
	});
}
