/* A trainer in C: a linear map from 16 numbers to 8, which learns to tell five
 * classes apart, by a loss within the batch and one against a memory.
 *
 *	cc example.c $(pkg-config --cflags --libs libxbm) -lm && ./a.out
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xbm.h"

enum { CLASSES = 5, INPUT = 16, DIM = 8, BATCH = 10, CAPACITY = 64, STEPS = 40 };

static uint64_t state = 1;

/* A number from -0.5 to 0.5. */
static float number(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (float)(state >> 40) / (1 << 24) - 0.5f;
}

static xbm_error error;

static void must(int32_t code)
{
	if (code != XBM_OK) {
		fprintf(stderr, "error %" PRId32 ": %s\n", code, error.message);
		exit(1);
	}
}

int main(void)
{
	static float centers[CLASSES][INPUT], weights[INPUT][DIM], x[BATCH][INPUT], embeddings[BATCH][DIM], gradient[BATCH][DIM];
	int32_t labels[BATCH];
	int64_t ids[BATCH];

	if (xbm_abi_version() != XBM_ABI_VERSION) {
		fprintf(stderr, "xbm.h is of version %d, the library of %" PRIu32 "\n", XBM_ABI_VERSION, xbm_abi_version());
		return 1;
	}
	xbm_memory memory;
	must(xbm_memory_new(&(xbm_memory_config){.capacity = CAPACITY, .dim = DIM}, &memory, &error));
	xbm_term in_batch, cross_batch;
	must(xbm_in_batch_new(&(xbm_term_config){.loss = "multi-similarity"}, &in_batch, &error));
	must(xbm_cross_batch_new(memory, &(xbm_term_config){.loss = "multi-similarity", .start = 5, .store = XBM_STORE_LAST}, &cross_batch, &error));

	for (int i = 0; i < CLASSES * INPUT; i++)
		centers[0][i] = number();
	for (int i = 0; i < INPUT * DIM; i++)
		weights[0][i] = number();
	for (int64_t step = 0; step < STEPS; step++) {
		for (int i = 0; i < BATCH; i++) {
			labels[i] = i % CLASSES;
			ids[i] = step * BATCH + i;
			for (int k = 0; k < INPUT; k++)
				x[i][k] = centers[labels[i]][k] + number();
			for (int d = 0; d < DIM; d++) {
				embeddings[i][d] = 0;
				for (int k = 0; k < INPUT; k++)
					embeddings[i][d] += x[i][k] * weights[k][d];
			}
		}
		xbm_batch batch = {.embeddings = embeddings[0], .labels = labels, .ids = ids, .rows = BATCH, .dim = DIM, .step = step};
		xbm_summary own, past;
		memset(gradient, 0, sizeof gradient);
		must(xbm_term_add(in_batch, &batch, gradient[0], NULL, NULL, &own, &error));
		must(xbm_term_add(cross_batch, &batch, gradient[0], NULL, NULL, &past, &error));
		for (int k = 0; k < INPUT; k++)
			for (int d = 0; d < DIM; d++)
				for (int i = 0; i < BATCH; i++)
					weights[k][d] -= 0.1f * x[i][k] * gradient[i][d];
		if (step % 13 == 0)
			printf("step %" PRId64 ": loss %.3f + %.3f\n", step, own.value, past.value);
	}

	/* The memory is saved, and goes on elsewhere. */
	int64_t size;
	must(xbm_memory_save(memory, NULL, 0, &size, &error));
	void *saved = malloc((size_t)size);
	must(xbm_memory_save(memory, saved, size, &size, &error));
	xbm_memory restored;
	must(xbm_memory_new(&(xbm_memory_config){.capacity = CAPACITY, .dim = DIM}, &restored, &error));
	must(xbm_memory_load(restored, saved, size, &error));
	free(saved);

	/* What it holds is scored. */
	static float rows[CAPACITY * DIM];
	int32_t of[CAPACITY];
	xbm_memory_info info;
	must(xbm_memory_get_info(restored, &info, &error));
	must(xbm_memory_read(restored, rows, of, NULL, NULL, CAPACITY, &error));
	char *scores;
	must(xbm_evaluate(&(xbm_retrieval){.queries = rows, .query_labels = of, .query_rows = info.length, .dim = DIM}, NULL, &scores, &error));
	printf("%" PRId64 " of %" PRId64 " rows\n%s\n", info.length, info.total, scores);
	xbm_free(scores);

	must(xbm_term_free(in_batch, &error));
	must(xbm_term_free(cross_batch, &error));
	must(xbm_memory_free(memory, &error));
	must(xbm_memory_free(restored, &error));
	return 0;
}
