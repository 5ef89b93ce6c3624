package main

// #include "preamble.h"
import "C"

import (
	"fmt"

	"crossbatch/eval"
	"crossbatch/eval/drift"
	"crossbatch/eval/fewshot"
	"crossbatch/xbm"
)

//export xbm_neighbors
func xbm_neighbors(rows *C.const_float, n, dim, k C.int64_t, nearest *C.int32_t, e *C.xbm_error) C.int32_t {
	return guard(e, func() error {
		var v views
		of := viewOf[float32](&v, "rows", rows, v.product(n, dim), true)
		dst := viewOf[int32](&v, "nearest", nearest, v.product(n, k), true)
		if v.err != nil {
			return v.err
		}
		return eval.Search(of, int(dim), int(k), func(query int, found []int32) { copy(dst[query*int(k):], found) })
	})
}

//export xbm_search
func xbm_search(queries *C.const_float, n C.int64_t, gallery *C.const_float, m, dim, k C.int64_t, nearest *C.int32_t, e *C.xbm_error) C.int32_t {
	return guard(e, func() error {
		var v views
		of := viewOf[float32](&v, "queries", queries, v.product(n, dim), true)
		among := viewOf[float32](&v, "gallery", gallery, v.product(m, dim), true)
		dst := viewOf[int32](&v, "nearest", nearest, v.product(n, k), true)
		if v.err != nil {
			return v.err
		}
		return eval.SearchGallery(of, among, int(dim), int(k), func(query int, found []int32) { copy(dst[query*int(k):], found) })
	})
}

//export xbm_agreement
func xbm_agreement(labels, clusters *C.const_int32, n C.int64_t, nmi, ami *C.double, e *C.xbm_error) C.int32_t {
	return guard(e, func() error {
		var v views
		of, by := viewOf[int32](&v, "labels", labels, n, true), viewOf[int32](&v, "clusters", clusters, n, true)
		if v.err != nil {
			return v.err
		}
		normalised, adjusted, err := eval.Agreement(of, by)
		if err != nil {
			return err
		}
		if nmi != nil {
			*nmi = C.double(normalised)
		}
		if ami != nil {
			*ami = C.double(adjusted)
		}
		return nil
	})
}

//export xbm_kmeans
func xbm_kmeans(rows *C.const_float, n, dim, k C.int64_t, seed C.uint64_t, clusters *C.int32_t, e *C.xbm_error) C.int32_t {
	return guard(e, func() error {
		var v views
		of := viewOf[float32](&v, "rows", rows, v.product(n, dim), true)
		dst := viewOf[int32](&v, "clusters", clusters, n, true)
		if v.err != nil {
			return v.err
		}
		found, err := eval.KMeans(of, int(dim), int(k), uint64(seed))
		copy(dst, found)
		return err
	})
}

//export xbm_few_shot
func xbm_few_shot(rows *C.const_float, n, dim C.int64_t, labels *C.const_int32, seed C.uint64_t, out **C.char, e *C.xbm_error) C.int32_t {
	return guard(e, func() error {
		var v views
		of := viewOf[float32](&v, "rows", rows, v.product(n, dim), true)
		by := viewOf[int32](&v, "labels", labels, n, true)
		if v.err != nil {
			return v.err
		}
		shots, err := fewshot.Score(of, int(dim), by, uint64(seed))
		if err != nil {
			return err
		}
		return give(out, shots)
	})
}

//export xbm_drift
func xbm_drift(now, before *C.const_float, n, dim C.int64_t, out *C.double, e *C.xbm_error) C.int32_t {
	return guard(e, func() error {
		var v views
		size := v.product(n, dim)
		is, was := viewOf[float32](&v, "now", now, size, true), viewOf[float32](&v, "before", before, size, true)
		if v.err != nil {
			return v.err
		}
		if size == 0 || out == nil {
			return fmt.Errorf("libxbm: drift of %d rows of %d numbers: %w", n, dim, xbm.ErrShape)
		}
		moved, err := drift.Of(is, was, int(dim))
		*out = C.double(moved)
		return err
	})
}
