package main

// #include "preamble.h"
import "C"

import (
	"errors"
	"fmt"
	"math"

	"crossbatch/eval"
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

// retrievalOf is what the caller wants scored.
func retrievalOf(r *C.const_retrieval) (eval.Retrieval, error) {
	if err := given("retrieval", r); err != nil {
		return eval.Retrieval{}, err
	}
	var v views
	of := eval.Retrieval{
		Dim:           int(r.dim),
		Queries:       viewOf[float32](&v, "queries", r.queries, v.product(r.query_rows, r.dim), true),
		QueryLabels:   viewOf[int32](&v, "query_labels", r.query_labels, r.query_rows, true),
		Gallery:       viewOf[float32](&v, "gallery", r.gallery, v.product(r.gallery_rows, r.dim), true),
		GalleryLabels: viewOf[int32](&v, "gallery_labels", r.gallery_labels, r.gallery_rows, true),
		Full:          r.full != 0, Resamples: int(r.resamples), Sample: int(r.sample), Seed: uint64(r.seed),
	}
	for _, k := range viewOf[int64](&v, "ranks", r.ranks, r.rank_count, true) {
		of.Ranks = append(of.Ranks, int(k))
	}
	if v.err == nil && (r.resamples < 0 || r.sample < 0 || !(r.most_work >= 0)) {
		v.err = fmt.Errorf("libxbm: %d resamples, a sample of %d, at most %g products: give 0 or more", r.resamples, r.sample, r.most_work)
	}
	return of, v.err
}

//export xbm_evaluate
func xbm_evaluate(r *C.const_retrieval, averagePrecision *C.double, out **C.char, e *C.xbm_error) C.int32_t {
	return guard(e, func() error {
		of, err := retrievalOf(r)
		if err != nil {
			return err
		}
		each, err := view[float64]("average_precision", averagePrecision, r.query_rows, false)
		if err != nil {
			return err
		}
		if r.ranks_only != 0 {
			if each != nil {
				return errors.New("libxbm: average_precision is not told with ranks_only")
			}
			of.Ranks = append(of.Ranks, 1)
			scores, err := of.Score()
			if err != nil {
				return err
			}
			return give(out, scores)
		}
		scores, err := of.Evaluate(eval.Effort{Most: float64(r.most_work)})
		if err != nil {
			return err
		}
		if each != nil {
			for i := range each {
				each[i] = math.NaN()
			}
			for _, q := range scores.Each {
				each[q.Query] = q.AveragePrecision
			}
		}
		return give(out, scores)
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
		shots, err := eval.Shots(of, int(dim), by, uint64(seed))
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
		drift, err := eval.Drift(is, was, int(dim))
		*out = C.double(drift)
		return err
	})
}
