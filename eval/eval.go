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
	queries := make([]queryScore, len(labels))
	err := Search(embeddings, dim, depth, func(q int, nearest []int32) {
		queries[q].rank(labels, labels[q], size[labels[q]]-1, nearest)
	})
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
		score := &queries[q]
		s.RPrecision += float64(score.hits) / float64(r)
		s.MAPAtR += score.precision / float64(r)
		for i := range s.Recall {
			if score.first > 0 && int(score.first) <= s.Recall[i].K {
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

// queryScore is what one query's neighbours say.
type queryScore struct {
	precision float64 // Σ P(i)·rel(i) for the ranks up to R
	hits      int32   // of its class among the first R
	first     int32   // rank of the first of its class, 0 for none
}

// rank goes through the neighbours of a query with r others in its class.
func (s *queryScore) rank(labels []int32, label int32, r int, nearest []int32) {
	for i, other := range nearest {
		if i >= r && s.first > 0 {
			return
		}
		if labels[other] != label {
			continue
		}
		if s.first == 0 {
			s.first = int32(i + 1)
		}
		if i < r {
			s.hits++
			s.precision += float64(s.hits) / float64(i+1)
		}
	}
}

// MeanAveragePrecision is the mean over queries of 1/R·Σ P(i)·rel(i) over all
// ranks i. It ranks every query against everything: O(n² log n).
func MeanAveragePrecision(embeddings []float32, dim int, labels []int32) (float64, error) {
	if err := check(embeddings, dim, labels); err != nil {
		return 0, err
	}
	precision, hits := make([]float64, len(labels)), make([]int, len(labels))
	err := Search(embeddings, dim, len(labels)-1, func(q int, nearest []int32) {
		for i, other := range nearest {
			if labels[other] == labels[q] {
				hits[q]++
				precision[q] += float64(hits[q]) / float64(i+1)
			}
		}
	})
	if err != nil {
		return 0, err
	}
	var sum float64
	queries := 0
	for q, h := range hits {
		if h > 0 {
			queries++
			sum += precision[q] / float64(h)
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
