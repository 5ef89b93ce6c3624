/* What Go's side needs to say that it only reads: the compiler then compares each
 * function with its declaration in xbm.h. */
#include "xbm.h"

typedef const char const_char;
typedef const void const_void;
typedef const float const_float;
typedef const int32_t const_int32;
typedef const int64_t const_int64;
typedef const uint8_t const_uint8;
typedef const xbm_memory_config const_memory_config;
typedef const xbm_term_config const_term_config;
typedef const xbm_batch const_batch;
typedef const xbm_retrieval const_retrieval;
