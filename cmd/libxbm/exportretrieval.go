package main

// #include "preamble.h"
import "C"

import (
	"errors"
	"fmt"
	"math"

	"crossbatch/eval"
	"crossbatch/eval/verification"
	"crossbatch/xbm"
)

// retrievalOf is what the caller wants scored.
func retrievalOf(r *C.const_retrieval) (eval.Retrieval, error) {
	if err := given("retrieval", r); err != nil {
		return eval.Retrieval{}, err
	}
	var v views
	of := eval.Retrieval{
		Dim:            int(r.dim),
		Queries:        viewOf[float32](&v, "queries", r.queries, v.product(r.query_rows, r.dim), true),
		Gallery:        viewOf[float32](&v, "gallery", r.gallery, v.product(r.gallery_rows, r.dim), true),
		QueryCameras:   viewOf[int32](&v, "query_cameras", r.query_cameras, r.query_rows, false),
		GalleryCameras: viewOf[int32](&v, "gallery_cameras", r.gallery_cameras, r.gallery_rows, false),
		Distance:       eval.Distance(r.distance), ClassMeans: r.class_means != 0, Full: r.full != 0,
		Resamples: int(r.resamples), Sample: int(r.sample), Seed: uint64(r.seed),
	}
	of.QueryLabels, of.QuerySets = labelsOf(&v, "query_labels", r.query_labels, r.query_label_starts, r.query_rows)
	of.GalleryLabels, of.GallerySets = labelsOf(&v, "gallery_labels", r.gallery_labels, r.gallery_label_starts, r.gallery_rows)
	judged := r.gallery_rows
	if r.gallery == nil {
		judged = r.query_rows
	}
	if junk := viewOf[uint8](&v, "junk", r.junk, judged, false); junk != nil {
		of.Junk = flags(junk)
	}
	for _, k := range viewOf[int64](&v, "ranks", r.ranks, r.rank_count, true) {
		of.Ranks = append(of.Ranks, int(k))
	}
	if v.err == nil && (r.resamples < 0 || r.sample < 0 || !(r.most_work >= 0)) {
		v.err = fmt.Errorf("libxbm: %d resamples, a sample of %d, at most %g products: give 0 or more", r.resamples, r.sample, r.most_work)
	}
	if v.err == nil {
		v.err = known(r.distance)
	}
	return of, v.err
}

func known(distance C.int32_t) error {
	if distance != C.XBM_EUCLIDEAN && distance != C.XBM_COSINE {
		return fmt.Errorf("libxbm: distance is %d: give 0 (Euclidean) or 1 (cosine)", distance)
	}
	return nil
}

// labelsOf are the labels of rows, one each or, with starts, as many as there are.
func labelsOf(v *views, name string, labels *C.int32_t, starts *C.int64_t, rows C.int64_t) ([]int32, [][]int32) {
	if starts == nil {
		return viewOf[int32](v, name, labels, rows, true), nil
	}
	at := viewOf[int64](v, name+" starts", starts, rows+1, true)
	if v.err != nil {
		return nil, nil
	}
	for i := range rows {
		if at[i] < 0 || at[i+1] < at[i] {
			v.err = fmt.Errorf("libxbm: %s of row %d are from %d to %d: %w", name, i, at[i], at[i+1], xbm.ErrShape)
			return nil, nil
		}
	}
	all := viewOf[int32](v, name, labels, C.int64_t(at[rows]), true)
	sets := make([][]int32, rows)
	for i := range sets {
		if v.err == nil {
			sets[i] = all[at[i]:at[i+1]]
		}
	}
	return nil, sets
}

func flags(bytes []uint8) []bool {
	are := make([]bool, len(bytes))
	for i, b := range bytes {
		are[i] = b != 0
	}
	return are
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
		for i := range each {
			each[i] = math.NaN()
		}
		if each != nil {
			for _, q := range scores.Each {
				each[q.Query] = q.AveragePrecision
			}
		}
		return give(out, scores)
	})
}

//export xbm_verification
func xbm_verification(rows *C.const_float, n, dim C.int64_t, labels, pairs *C.const_int32, same *C.const_uint8, count C.int64_t, distance C.int32_t, out **C.char, e *C.xbm_error) C.int32_t {
	return guard(e, func() error {
		var v views
		task := verification.Task{
			Dim: int(dim), Distance: eval.Distance(distance),
			Embeddings: viewOf[float32](&v, "rows", rows, v.product(n, dim), true),
			Labels:     viewOf[int32](&v, "labels", labels, n, pairs == nil),
		}
		places := viewOf[int32](&v, "pairs", pairs, v.product(count, 2), false)
		are := viewOf[uint8](&v, "same", same, count, pairs != nil)
		if v.err == nil {
			v.err = known(distance)
		}
		if v.err != nil {
			return v.err
		}
		if places != nil {
			task.Pairs = make([]verification.Pair, 0, count)
			for i, place := range places {
				if place < 0 || C.int64_t(place) >= n {
					return fmt.Errorf("libxbm: pair %d has row %d of %d: %w", i/2, place, n, xbm.ErrShape)
				}
			}
			for i := range int(count) {
				task.Pairs = append(task.Pairs, verification.Pair{A: places[2*i], B: places[2*i+1], Same: are[i] != 0})
			}
		}
		scores, err := task.Score()
		if err != nil {
			return err
		}
		return give(out, scores)
	})
}
