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

// Means are scores averaged over queries, each from 0 to 1.
//
// R-precision and MAP@R are as in
//
//	Kevin Musgrave, Serge Belongie, Ser-Nam Lim. A Metric Learning Reality
//	Check. ECCV 2020. https://arxiv.org/abs/2003.08505 (section 2.3)
type Means struct {
	// Recall is the share of queries with one of their class among their first
	// k neighbours, by ascending k. At 1 it is also the precision at 1.
	Recall Recall `json:"recall"`
	// RPrecision is the mean share of a query's class among its first R
	// neighbours, where R is the number of others in its class.
	RPrecision float64 `json:"r_precision"`
	// MAPAtR is the mean over queries of 1/R·Σ P(i)·rel(i) for the ranks i up
	// to R, P(i) being the precision within the first i.
	MAPAtR float64 `json:"map_at_r"`
	// MAP is the same over all ranks, and MRR the mean of 1/rank of the first of
	// a query's class; nil where Retrieval.Full was not asked for.
	MAP *float64 `json:"map,omitempty"`
	MRR *float64 `json:"mrr,omitempty"`
}

// Scores are the retrieval scores of a set of embeddings. Queries whose label no
// other embedding has are skipped: they are in no average, but stay among the
// others.
type Scores struct {
	Means
	// Bootstrap bounds the means; nil where it was not asked for.
	Bootstrap *Bootstrap `json:"bootstrap,omitempty"`
	// Queries took part; Skipped did not, having no partner.
	Queries int `json:"queries"`
	Skipped int `json:"skipped"`
}

// ErrNoPartner says that no query has another embedding of its label, so that
// there is nothing to score.
var ErrNoPartner = errors.New("eval: no query has another embedding of its label: there is nothing to retrieve")

// Retrieval is what to retrieve among what, and what to report of it. Dim,
// Queries and QueryLabels must be given.
type Retrieval struct {
	Dim         int
	Queries     []float32 // n×Dim, row-major
	QueryLabels []int32

	// Gallery (m×Dim) is what the queries are compared with. Where it and its
	// labels are nil, each query is compared with all the others.
	Gallery       []float32
	GalleryLabels []int32

	Ranks     []int  // that recall is reported at, each at least 1
	Full      bool   // MAP and MRR too: every query is ranked against everything, O(n·m·log m)
	Resamples int    // of the bootstrap over queries; 0: none
	Seed      uint64 // of the bootstrap
}

// Score returns the scores of embeddings (n×dim, row-major), each a query among
// all the others, with recall at the given ranks ks, each at least 1.
func Score(embeddings []float32, dim int, labels []int32, ks []int) (Scores, error) {
	return Retrieval{Dim: dim, Queries: embeddings, QueryLabels: labels, Ranks: ks}.Score()
}

// Score returns the scores of r.
func (r Retrieval) Score() (Scores, error) {
	if err := check(r.Queries, r.Dim, r.QueryLabels); err != nil {
		return Scores{}, err
	}
	alone := r.Gallery == nil && r.GalleryLabels == nil
	size, depth, others := map[int32]int{}, 1, len(r.GalleryLabels)
	if alone {
		others = len(r.QueryLabels) - 1
		for _, l := range r.QueryLabels {
			size[l]++
		}
		for l := range size {
			size[l]-- // but for the query itself
		}
	} else {
		if err := check(r.Gallery, r.Dim, r.GalleryLabels); err != nil {
			return Scores{}, fmt.Errorf("%w (the gallery)", err)
		}
		for _, l := range r.GalleryLabels {
			size[l]++
		}
	}
	for _, k := range r.Ranks {
		if k < 1 {
			return Scores{}, fmt.Errorf("eval: recall at %d: give ranks from 1", k)
		}
		depth = max(depth, k)
	}
	for _, l := range r.QueryLabels {
		depth = max(depth, size[l])
	}
	if depth = min(depth, others); r.Full {
		depth = others
	}
	ranked := make([]queryScore, len(r.QueryLabels))
	visit := func(labels []int32) func(q int, nearest []int32) {
		return func(q int, nearest []int32) {
			label := r.QueryLabels[q]
			ranked[q].rank(labels, label, size[label], nearest)
		}
	}
	var err error
	if alone {
		err = Search(r.Queries, r.Dim, max(0, depth), visit(r.QueryLabels))
	} else {
		err = SearchGallery(r.Queries, r.Gallery, r.Dim, depth, visit(r.GalleryLabels))
	}
	if err != nil {
		return Scores{}, err
	}
	var s Scores
	took := ranked[:0]
	for q, label := range r.QueryLabels {
		if size[label] == 0 {
			s.Skipped++
			continue
		}
		took = append(took, ranked[q])
	}
	if s.Queries = len(took); s.Queries == 0 {
		return s, ErrNoPartner
	}
	s.Means = r.means(took, nil)
	if r.Resamples > 0 {
		s.Bootstrap = r.bootstrap(took)
	}
	return s, nil
}

// means averages over the queries, or over those at places.
func (r Retrieval) means(queries []queryScore, places []int) Means {
	m := Means{Recall: newRecall(r.Ranks)}
	var whole, reciprocal float64
	add := func(q *queryScore) {
		of := float64(q.others)
		m.RPrecision += float64(q.hits) / of
		m.MAPAtR += q.precision / of
		whole += q.whole / of
		if q.first == 0 {
			return
		}
		reciprocal += 1 / float64(q.first)
		for i := range m.Recall {
			if int(q.first) <= m.Recall[i].K {
				m.Recall[i].Share++
			}
		}
	}
	if places == nil {
		for i := range queries {
			add(&queries[i])
		}
	}
	for _, i := range places {
		add(&queries[i])
	}
	n := float64(len(queries))
	m.RPrecision /= n
	m.MAPAtR /= n
	for i := range m.Recall {
		m.Recall[i].Share /= n
	}
	if r.Full {
		whole, reciprocal = whole/n, reciprocal/n
		m.MAP, m.MRR = &whole, &reciprocal
	}
	return m
}

// queryScore is what one query's neighbours say.
type queryScore struct {
	precision float64 // Σ P(i)·rel(i) for the ranks up to R
	whole     float64 // the same for all ranks that were looked at
	others    int32   // R
	hits      int32   // of its class among the first R
	first     int32   // rank of the first of its class, 0 for none
}

// rank goes through the neighbours of a query with r others in its class.
func (s *queryScore) rank(labels []int32, label int32, r int, nearest []int32) {
	s.others = int32(r)
	found := 0
	for i, other := range nearest {
		if labels[other] != label {
			continue
		}
		if s.first == 0 {
			s.first = int32(i + 1)
		}
		found++
		s.whole += float64(found) / float64(i+1)
		if i < r {
			s.hits++
			s.precision = s.whole
		}
		if found == r {
			return
		}
	}
}

// MeanAveragePrecision is the mean over queries of 1/R·Σ P(i)·rel(i) over all
// ranks i. It ranks every query against everything: O(n² log n).
func MeanAveragePrecision(embeddings []float32, dim int, labels []int32) (float64, error) {
	s, err := Retrieval{Dim: dim, Queries: embeddings, QueryLabels: labels, Full: true}.Score()
	if err != nil {
		return 0, err
	}
	return *s.MAP, nil
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
