/* libxbm: a cross-batch memory for deep metric learning, for any trainer.
 *
 * A training step hands over the embeddings of its batch and their labels, and
 * gets the loss and its gradient with respect to the embeddings, which is added
 * to a buffer of the caller's. See example/example.c for a whole one.
 *
 * Matrices are row-major. Embeddings are float32, normalised or not: losses are
 * taken on rows of unit length, and the gradient is carried back through that.
 *
 * Every function that can fail returns XBM_OK or one of the other codes; what was
 * wrong is then in *error, which may be NULL. After an error nothing has changed.
 * A struct begins as zeros ("= {0}"): zero is each field's default.
 *
 * Buffers belong to the caller and are read or written during the call only.
 * Texts are UTF-8 and end with a zero. What a function hands over to be kept is
 * to be given back with xbm_free.
 *
 * Functions may be called from any thread. Calls with one memory, or with terms
 * of one memory, wait for each other. The work itself runs on threads of the
 * library's own (xbm_threads).
 *
 * In a child of fork() a call never returns: the library's threads are not there.
 * Load it after the fork.
 */
#ifndef XBM_H
#define XBM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface: what is built for one works with a library of
 * the same number (xbm_abi_version). */
#define XBM_ABI_VERSION 1

enum {
	XBM_OK = 0,
	XBM_INVALID = 1,  /* a setting that has no meaning: a name, a value, NULL */
	XBM_SHAPE = 2,    /* sizes that do not fit */
	XBM_STATE = 3,    /* a state that is damaged, or of another kind of memory */
	XBM_DIVERGED = 4, /* an embedding that is not a finite number */
	XBM_HANDLE = 5,   /* a handle that is none, or was freed */
	XBM_INTERNAL = 6  /* a mistake in the library: please report it */
};

/* What was wrong: one of the codes above, and a text. */
typedef struct {
	int32_t code;
	char message[1020];
} xbm_error;

/* Handles. 0 is none. */
typedef uint64_t xbm_memory;
typedef uint64_t xbm_term;

/* ---- The library ---- */

/* XBM_ABI_VERSION of the library. */
uint32_t xbm_abi_version(void);

/* Sets the number of threads that do the work, and returns the one before. Below 1
 * it only returns it. Results do not depend on it. Default: the environment's
 * GOMAXPROCS, or the processors that there are. */
int32_t xbm_threads(int32_t threads);

/* What can be named, with parameters and defaults, one a line: kind is "losses",
 * "class-losses" (with weights for classes), "miners", "policies" or "cures". */
int32_t xbm_names(const char *kind, char **names, xbm_error *error);

/* Gives back what a function handed over. NULL is nothing. */
void xbm_free(void *pointer);

/* ---- The memory ---- */

typedef struct {
	int64_t capacity;   /* rows; must be given */
	int64_t dim;        /* numbers in a row; must be given */
	const char *policy; /* which rows stay: "ring" (default), "keyed", "class-balanced:N", "reservoir" */
	const char *cure;   /* of drift: "none" (default), "xbn", "axbn:process=0.1,measurement=1"; "sdc" by xbm_memory_compensate */
	int64_t max_age;    /* steps after which a row is dropped; 0: never */
	uint64_t seed;      /* of a reservoir's random generator */
	int32_t half;       /* 1: 16 bits a number, half the room */
	int32_t reserved[15];
} xbm_memory_config;

typedef struct {
	int64_t capacity, dim;
	int64_t length; /* rows that it holds */
	int64_t total;  /* rows that were ever stored */
	int64_t next;   /* slot that a plain ring stores to next */
	int32_t bits;   /* of a number: 32 or 16 */
	int32_t reserved[15];
} xbm_memory_info;

/* Makes an empty memory. It takes 4*dim+24 bytes a row, with half 2*dim+24. */
int32_t xbm_memory_new(const xbm_memory_config *config, xbm_memory *memory, xbm_error *error);

/* Frees a memory. Terms that use it go on using it. */
int32_t xbm_memory_free(xbm_memory memory, xbm_error *error);

int32_t xbm_memory_get_info(xbm_memory memory, xbm_memory_info *info, xbm_error *error);

/* Copies what the memory holds, in slot order: rows (length x dim) as a loss sees
 * them, and the label, sample id (-1: unknown) and step of storing of each. Any may be
 * NULL. room is the number of rows that there is room for; less than length is XBM_SHAPE. */
int32_t xbm_memory_read(xbm_memory memory, float *rows, int32_t *labels, int64_t *ids, int64_t *births, int64_t room, xbm_error *error);

/* Empties the memory. */
int32_t xbm_memory_reset(xbm_memory memory, xbm_error *error);

/* Drops the rows that are more than max_age steps older than step. A memory term does so
 * itself, unless the memory stays as it is. */
int32_t xbm_memory_expire(xbm_memory memory, int64_t step, xbm_error *error);

/* The cure "sdc:sigma=0.3": moves the rows by what probes have moved between two
 * steps. before and now (probes x dim) are what they were embedded as at step from
 * and at step to. */
int32_t xbm_memory_compensate(xbm_memory memory, const char *cure, const float *before, const float *now, int64_t probes, int64_t from, int64_t to, xbm_error *error);

/* Stores the exact state in state, which has room for so many bytes, and its size
 * in *size. With state NULL, *size is a room that suffices. */
int32_t xbm_memory_save(xbm_memory memory, void *state, int64_t room, int64_t *size, xbm_error *error);

/* Restores a state, into a memory of the same configuration: it goes on as if it had
 * never stopped. */
int32_t xbm_memory_load(xbm_memory memory, const void *state, int64_t size, xbm_error *error);

/* ---- Terms of a loss ---- */

/* When a term stores its batch. */
enum {
	XBM_STORE_FIRST = 0, /* before the loss: pairs within the batch are in it; as in the paper */
	XBM_STORE_LAST = 1,  /* after the loss: for trainers that add an in-batch term */
	XBM_STORE_NEVER = 2  /* the memory stays as it is: to validate */
};

typedef struct {
	const char *loss;    /* name:parameter=value,... see xbm_names; must be given */
	const char *miner;   /* likewise; default: none */
	uint64_t seed;       /* of a miner's random generator, and of the first class weights */
	double weight;       /* of a memory term's gradient, not of the value; 0: 1 */
	double age_tau;      /* a memory's rows count e^(-age/age_tau); 0: all alike */
	int64_t start;       /* step from which on a memory is used */
	int64_t ramp;        /* steps over which the weight rises from there; 0: at once */
	int32_t store;       /* XBM_STORE_...: of a memory term */
	int32_t keep_copies; /* 1: pairs of two rows of one sample, as ids tell, count as positives; 0: they are left out */
	int32_t views;       /* 1: rows of one sample in a batch are views of it, which differ */
	int32_t halves;      /* 1: the next two fields hold; 0: both are 1 */
	double positive_weight, negative_weight; /* factors of the gradient through the positive and through the negative pairs with a memory: 0 or more, not both 0 */
	int32_t reserved[10];
} xbm_term_config;

typedef struct {
	const float *embeddings; /* rows x dim */
	const float *keys;       /* rows x dim: what a memory stores in their place, another encoder's; NULL: the embeddings */
	const int32_t *labels;   /* class of each row */
	const int64_t *ids;      /* sample of each row, from 0; NULL: unknown */
	int64_t rows, dim;
	int64_t step;       /* of the training, from 0 */
	int32_t read_only;  /* 1: for this call the memory stays as it is */
	int32_t inspect;    /* 1: see xbm_term_inspection */
	int32_t reserved[14];
} xbm_batch;

typedef struct {
	double value; /* of the loss */
	int64_t positives, negatives;               /* pairs */
	int64_t active_positives, active_negatives; /* of them, those with a gradient */
	int64_t copies;                             /* pairs of one sample's embeddings */
	int64_t reserved[8];
} xbm_summary;

/* The loss within a batch, with the gradient through both sides of each pair. */
int32_t xbm_in_batch_new(const xbm_term_config *config, xbm_term *term, xbm_error *error);

/* The loss between a batch and a memory, with the gradient to the batch alone. */
int32_t xbm_cross_batch_new(xbm_memory memory, const xbm_term_config *config, xbm_term *term, xbm_error *error);

/* The loss between a batch and learned weights of classes, those among labels. */
int32_t xbm_class_weights_new(const xbm_term_config *config, const int32_t *labels, int64_t count, int64_t dim, xbm_term *term, xbm_error *error);

int32_t xbm_term_free(xbm_term term, xbm_error *error);

/* What a term learns beside the embeddings: a matrix. */
typedef struct {
	char name[32];
	int64_t rows, dim;
} xbm_param;

/* Stores what the term learns in params, which has room for so many, and their
 * number in *count: 0 for most losses. params may be NULL, to ask for the number.
 * values, if not NULL, gets their first values, one matrix after the other. */
int32_t xbm_term_params(xbm_term term, xbm_param *params, int64_t room, int64_t *count, float *values, xbm_error *error);

/* Takes the loss and adds its gradient to gradient (rows x dim). A memory term
 * stores the batch in the memory.
 *
 * values are what the term learns, as xbm_term_params tells; NULL: the first values.
 * value_gradient, as long, gets the gradient with respect to them (stored, not
 * added); NULL: not wanted. */
int32_t xbm_term_add(xbm_term term, const xbm_batch *batch, float *gradient, const float *values, float *value_gradient, xbm_summary *summary, xbm_error *error);

/* Stores a batch in a memory term's memory and takes no loss. */
int32_t xbm_term_fill(xbm_term term, const xbm_batch *batch, xbm_error *error);

/* What the weights of the last xbm_term_add with inspect looked like, in JSON: sums
 * of |dL/dS| by similarity ("positives", "negatives": 40 bins from -1 to 1) and by age of
 * the column ("ages": 0 steps, 1, 2-3, 4-7, ...), "old_share", "effective_negatives". */
int32_t xbm_term_inspection(xbm_term term, char **json, xbm_error *error);

/* Saves and restores the state of a term beside its memory and what it learns: a miner's
 * random generator. As xbm_memory_save and xbm_memory_load. */
int32_t xbm_term_save(xbm_term term, void *state, int64_t room, int64_t *size, xbm_error *error);
int32_t xbm_term_load(xbm_term term, const void *state, int64_t size, xbm_error *error);

/* ---- Neighbours and scores ---- */

/* Distances are Euclidean and between rows as they are given, unless a distance is
 * asked for; equal ones are in order of the index. */

enum {
	XBM_EUCLIDEAN = 0,
	XBM_COSINE = 1
};

/* The k nearest others of each of n rows, nearest first: nearest is n x k, row numbers from 0.
 * k is at most n-1. */
int32_t xbm_neighbors(const float *rows, int64_t n, int64_t dim, int64_t k, int32_t *nearest, xbm_error *error);

/* The k nearest of m gallery rows for each of n queries, nearest first: nearest is n x k, row
 * numbers of the gallery from 0. k is at most m. */
int32_t xbm_search(const float *queries, int64_t n, const float *gallery, int64_t m, int64_t dim, int64_t k, int32_t *nearest, xbm_error *error);

typedef struct {
	const float *queries; /* query_rows x dim */
	const int32_t *query_labels;
	const float *gallery; /* gallery_rows x dim: what the queries are compared with; NULL: all other queries */
	const int32_t *gallery_labels;
	int64_t query_rows, gallery_rows, dim;
	const int64_t *ranks; /* that recall is reported at, beside 1 */
	int64_t rank_count;
	int64_t resamples; /* of a bootstrap over queries; 0: none */
	int64_t sample;    /* at most so many queries, drawn by seed; 0: all */
	uint64_t seed;     /* also of the clustering */
	double most_work;  /* multiplications that each part may take; a part that needs more is left out; 0: any */
	int32_t full;       /* 1: MAP and MRR, over all ranks, too */
	int32_t ranks_only; /* 1: no clustering and no diagnosis */
	int32_t distance;   /* XBM_EUCLIDEAN or XBM_COSINE */
	int32_t class_means; /* 1: also means over the classes, each counting alike */
	/* For rows with several labels, or none: row i has the labels label_starts[i] up to, not
	 * including, label_starts[i+1]. A row is right if it shares one with the query. NULL: one label a row. */
	const int64_t *query_label_starts, *gallery_label_starts;
	/* Which camera took each row, -1 for unknown: rows of a query's class by its own camera are
	 * left out of its ranking. NULL: cameras do not count. Without a gallery, give query_cameras
	 * alone. */
	const int32_t *query_cameras, *gallery_cameras;
	/* 1 for rows of the gallery (of the queries, without one) that are neither right nor wrong for
	 * anyone. NULL: none. */
	const uint8_t *junk;
	int32_t reserved[12];
} xbm_retrieval;

/* All scores, in JSON: recall, r_precision, map_at_r, map, mrr, queries, skipped, and
 * unless ranks_only: precision_at_1, nmi, ami, diagnosis, left_out, ... A query
 * without another row of its label is skipped. average_precision, if not NULL, gets for each
 * query its part of MAP@R, NaN where it was skipped; not with ranks_only. */
int32_t xbm_evaluate(const xbm_retrieval *retrieval, double *average_precision, char **json, xbm_error *error);

/* How well distances tell pairs of one class from pairs of two, in JSON: roc_auc,
 * average_precision, equal_error_rate, tar_at_far, ... pairs holds pair_count times two row
 * numbers, and same 1 where the two are of one class. NULL: all pairs of rows, by labels. */
int32_t xbm_verification(const float *rows, int64_t n, int64_t dim, const int32_t *labels, const int32_t *pairs, const uint8_t *same, int64_t pair_count, int32_t distance, char **json, xbm_error *error);

/* Normalised and adjusted mutual information of two clusterings of n rows. */
int32_t xbm_agreement(const int32_t *labels, const int32_t *clusters, int64_t n, double *nmi, double *ami, xbm_error *error);

/* Parts n rows into k clusters by k-means: clusters gets the number of each row's, from 0. */
int32_t xbm_kmeans(const float *rows, int64_t n, int64_t dim, int64_t k, uint64_t seed, int32_t *clusters, xbm_error *error);

/* What simple classifiers make of rows, learning from half of each class, in JSON. */
int32_t xbm_few_shot(const float *rows, int64_t n, int64_t dim, const int32_t *labels, uint64_t seed, char **json, xbm_error *error);

/* The mean of the squared distance between rows of the same samples: row i of both is of
 * sample i. */
int32_t xbm_drift(const float *now, const float *before, int64_t n, int64_t dim, double *drift, xbm_error *error);

#ifdef __cplusplus
}
#endif

#endif
