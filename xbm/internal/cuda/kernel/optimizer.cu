// Steps of optimizers: of parameters, their gradients, and what is remembered of them. A
// value is multiplied by shrink first, and decay times it is added to its gradient.
#include "device.h"

KERNEL(adam, 128, float *values, const float *gradients, float *first, float *second, long long n, double shrink, double decay, double rate, double scale,
	double beta1, double beta2, double epsilon) {
	float kept1 = (float)beta1, kept2 = (float)beta2, rest1 = (float)(1 - beta1), rest2 = (float)(1 - beta2);
	each(n, [&](long long i) {
		float value = values[i] * (float)shrink, g = gradients[i] + (float)decay * value;
		float mean = kept1 * first[i] + rest1 * g, square = kept2 * second[i] + rest2 * (g * g);
		first[i] = mean;
		second[i] = square;
		values[i] = value - (float)rate * mean / (root(square) * (float)scale + (float)epsilon);
	});
}

// velocity is null without momentum.
KERNEL(rmsprop, 128, float *values, const float *gradients, float *second, float *velocity, long long n, double shrink, double decay, double rate,
	double momentum, double beta2, double epsilon) {
	each(n, [&](long long i) {
		float value = values[i] * (float)shrink, g = gradients[i] + (float)decay * value;
		float square = (float)beta2 * second[i] + (float)(1 - beta2) * (g * g), move = g / (root(square) + (float)epsilon);
		second[i] = square;
		if (velocity) velocity[i] = move += (float)momentum * velocity[i];
		values[i] = value - (float)rate * move;
	});
}

KERNEL(sgd, 128, float *values, const float *gradients, float *velocity, long long n, double shrink, double decay, double rate, double momentum) {
	each(n, [&](long long i) {
		float value = values[i] * (float)shrink, move = gradients[i] + (float)decay * value;
		if (velocity) velocity[i] = move += (float)momentum * velocity[i];
		values[i] = value - (float)rate * move;
	});
}

// count_bad counts the numbers that are NaN or infinite.
KERNEL(count_bad, 128, int *count, const float *x, long long n) {
	each(n, [&](long long i) {
		if (!(x[i] - x[i] == 0)) add_count(count, 1);
	});
}
