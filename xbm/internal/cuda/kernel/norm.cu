// Batch normalisation in training, and sums over the rows of a batch. Rows of step numbers
// fall into parts of per rows; a block has 32 channels of one, four rows at a time. What the
// parts add up to, one thread a channel joins in their order, in 64 bits.
#include "device.h"

// column calls use for each row of the block's part and the thread's channel.
template <class F> DEVICE void column(long long rows, long long step, long long per, F use) {
	long long c = (long long)block_x() * 32 + thread() % 32, end = least((block_y() + 1) * per, rows);
	if (c >= step) return;
	for (long long r = block_y() * per + thread() / 32; r < end; r += 4) use(r * step + c, c);
}

// sum_fours is the sum of the four threads that have a channel, the same in each.
DEVICE float sum_fours(float x) {
	float *shared = (float *)shared_memory();
	int channel = thread() % 32;
	barrier();
	shared[thread()] = x;
	barrier();
	return shared[channel] + shared[channel + 32] + (shared[channel + 64] + shared[channel + 96]);
}

// moments stores each part's means and sums of squared deviations (parts × step).
KERNEL(moments, 128, float *means, float *squares, const float *x, long long rows, long long step, long long per) {
	long long c = (long long)block_x() * 32 + thread() % 32, at = block_y() * step + c, count = least(per, rows - block_y() * per);
	float sum = 0, square = 0;
	column(rows, step, per, [&](long long i, long long) { sum += x[i]; });
	float mean = sum_fours(sum) / (float)count;
	column(rows, step, per, [&](long long i, long long) { square += (x[i] - mean) * (x[i] - mean); });
	square = sum_fours(square);
	if (c < step && thread() < 32) {
		means[at] = mean;
		squares[at] = square;
	}
}

// statistics joins the parts' moments: mean, 1/deviation, scale/deviation of each channel.
// The running mean and variance move by momentum, the variance as the unbiased estimate.
//
//	Tony F. Chan, Gene H. Golub, Randall J. LeVeque, Updating Formulae and a Pairwise
//	Algorithm for Computing Sample Variances, Stanford STAN-CS-79-773, 1979, equation 2.1.
KERNEL(statistics, 128, float *mean, float *inverse, float *factor, float *running_mean, float *running_variance, const float *means,
	const float *squares, const float *scale, long long rows, long long channels, long long step, long long per, double epsilon, double momentum) {
	each(channels, [&](long long c) {
		double count = 0, middle = 0, square = 0;
		for (long long p = 0; p * per < rows; p++) {
			double n = (double)least(per, rows - p * per), delta = means[p * step + c] - middle, all = count + n;
			square += squares[p * step + c] + delta * delta * count * n / all;
			middle += delta * n / all;
			count = all;
		}
		float inverted = 1 / root((float)(square / count + epsilon));
		mean[c] = (float)middle;
		inverse[c] = inverted;
		factor[c] = inverted * scale[c];
		running_mean[c] += (float)(momentum * (middle - running_mean[c]));
		running_variance[c] += (float)(momentum * (square / (count > 1 ? count - 1 : 1) - running_variance[c]));
	});
}

// column_sums stores each part's sums of y, and of y·(x - mean) where x is not null; no mean is 0.
KERNEL(column_sums, 128, float *sums, float *products, const float *y, const float *x, const float *mean, long long rows, long long step, long long per) {
	long long c = (long long)block_x() * 32 + thread() % 32, at = block_y() * step + c;
	float sum = 0, product = 0;
	column(rows, step, per, [&](long long i, long long channel) {
		sum += y[i];
		if (x) product += y[i] * (x[i] - (mean ? mean[channel] : 0));
	});
	sum = sum_fours(sum);
	product = sum_fours(product);
	if (c < step && thread() < 32) {
		sums[at] = sum;
		if (x) products[at] = product;
	}
}

// slopes joins the parts' sums of a gradient: those of scale and shift, and what the input's
// is made of. With x̂ the normalised x and sums over the m rows, dβ = Σ dy, dγ = Σ dy·x̂ and
// dx = γ/deviation · (dy - dβ/m - x̂·dγ/m).
KERNEL(slopes, 128, float *d_scale, float *d_shift, float *slope, float *constant, const float *sums, const float *products, const float *inverse,
	const float *factor, long long rows, long long channels, long long step, long long per) {
	each(step, [&](long long c) {
		if (c >= channels) {
			d_scale[c] = d_shift[c] = slope[c] = constant[c] = 0;
			return;
		}
		double total = 0, product = 0;
		for (long long p = 0; p * per < rows; p++) {
			total += sums[p * step + c];
			product += products[p * step + c];
		}
		double scaled = product * inverse[c];
		d_shift[c] = (float)total;
		d_scale[c] = (float)scaled;
		constant[c] = -(float)(factor[c] * total / rows);
		slope[c] = -(float)(factor[c] * (double)inverse[c] * scaled / rows);
	});
}

// combine is factor·dy + slope·(x - mean) + constant of each channel.
KERNEL(combine, 128, float *to, const float *dy, const float *x, const float *mean, const float *factor, const float *slope, const float *constant,
	long long n, long long channels, long long step) {
	each(n, [&](long long i) {
		long long c = i % step;
		to[i] = c < channels ? factor[c] * dy[i] + slope[c] * (x[i] - mean[c]) + constant[c] : 0;
	});
}
