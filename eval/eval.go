// Package eval scores embeddings: retrieval of a query's own class among its
// nearest neighbours, agreement of clusterings, and confidence intervals.
//
// Everything is a pure function of embeddings and labels, the same for any
// number of threads. Distances are Euclidean and between the embeddings as they
// are given; neighbours at equal distance are ordered by their index, so that a
// score is one number and not a matter of luck. (Where that is left to the
// search, collapsed embeddings can score anything up to 100 %.)
//
// Not here: networks, files (eval/record), tables and pictures (eval/report).
package eval

import (
	"errors"
	"fmt"
)

// Scores are the retrieval scores of a set of embeddings: each is a query among
// all the others. Queries whose label no other embedding has are skipped: they
// are in no average, but stay among the others.
//
// R-precision and MAP@R are as in
//
//	Kevin Musgrave, Serge Belongie, Ser-Nam Lim. A Metric Learning Reality
//	Check. ECCV 2020. https://arxiv.org/abs/2003.08505 (section 2.3)
type Scores struct {
	// Recall is the share of queries with one of their class among their first
	// k neighbours, by ascending k.
	Recall Recall `json:"recall"`
	// RPrecision is the mean share of a query's class among its first R
	// neighbours, where R is the number of others in its class.
	RPrecision float64 `json:"r_precision"`
	// MAPAtR is the mean over queries of 1/R·Σ P(i)·rel(i) for the ranks i up
	// to R, P(i) being the precision within the first i.
	MAPAtR float64 `json:"map_at_r"`
	// Queries took part; Skipped did not, having no partner.
	Queries int `json:"queries"`
	Skipped int `json:"skipped"`
}

// ErrNoPartner says that no query has another embedding of its label, so that
// there is nothing to score.
var ErrNoPartner = errors.New("eval: no label occurs twice: there is nothing to retrieve")

// Score returns the scores of embeddings (n×dim, row-major), with recall at the
// given ranks ks, each at least 1.
func Score(embeddings []float32, dim int, labels []int32, ks []int) (Scores, error) {
	s := Scores{}
	if err := check(embeddings, dim, labels); err != nil {
		return s, err
	}
	size := map[int32]int{}
	for _, l := range labels {
		size[l]++
	}
	depth := 1
	for _, k := range ks {
		if k < 1 {
			return s, fmt.Errorf("eval: recall at %d: give ranks from 1", k)
		}
		depth = max(depth, k)
	}
	for _, n := range size {
		depth = max(depth, n-1)
	}
	s.Recall = newRecall(ks)
	depth = min(depth, len(labels)-1)
	found, err := Neighbors(embeddings, dim, depth)
	if err != nil {
		return s, err
	}
	for q, label := range labels {
		r := size[label] - 1
		if r == 0 {
			s.Skipped++
			continue
		}
		s.Queries++
		hits, precision, first := 0, 0.0, 0
		for i, other := range found[q*depth : (q+1)*depth] {
			if labels[other] != label {
				continue
			}
			if first == 0 {
				first = i + 1
			}
			if i < r {
				hits++
				precision += float64(hits) / float64(i+1)
			}
		}
		s.RPrecision += float64(hits) / float64(r)
		s.MAPAtR += precision / float64(r)
		for i := range s.Recall {
			if first > 0 && first <= s.Recall[i].K {
				s.Recall[i].Share++
			}
		}
	}
	if s.Queries == 0 {
		return s, ErrNoPartner
	}
	n := float64(s.Queries)
	s.RPrecision /= n
	s.MAPAtR /= n
	for i := range s.Recall {
		s.Recall[i].Share /= n
	}
	return s, nil
}

// MeanAveragePrecision is the mean over queries of 1/R·Σ P(i)·rel(i) over all
// ranks i. It ranks every query against everything: O(n² log n).
func MeanAveragePrecision(embeddings []float32, dim int, labels []int32) (float64, error) {
	if err := check(embeddings, dim, labels); err != nil {
		return 0, err
	}
	depth := len(labels) - 1
	found, err := Neighbors(embeddings, dim, depth)
	if err != nil {
		return 0, err
	}
	var sum float64
	queries := 0
	for q, label := range labels {
		hits, precision := 0, 0.0
		for i, other := range found[q*depth : (q+1)*depth] {
			if labels[other] == label {
				hits++
				precision += float64(hits) / float64(i+1)
			}
		}
		if hits > 0 {
			queries++
			sum += precision / float64(hits)
		}
	}
	if queries == 0 {
		return 0, ErrNoPartner
	}
	return sum / float64(queries), nil
}

func check(embeddings []float32, dim int, labels []int32) error {
	if dim < 1 || len(embeddings) != dim*len(labels) {
		return fmt.Errorf("eval: %d numbers for %d labels and embeddings of %d", len(embeddings), len(labels), dim)
	}
	for i, x := range embeddings {
		if x-x != 0 {
			return fmt.Errorf("eval: embedding %d has %g at place %d: it can be nobody's neighbour", i/dim, x, i%dim)
		}
	}
	return nil
}
