package eval

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
)

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
	Full      bool   // MAP and MRR too: where a class has more than 256 others, O(n·m·log m)
	Resamples int    // of the bootstrap over queries; 0: none
	Sample    int    // at most so many of the queries take part, drawn by Seed; 0: all
	Seed      uint64 // of the bootstrap and the sample

	// Progress, if not nil, is told now and then how many queries are done, by
	// several goroutines at once.
	Progress func(done, of int)
}

// Score returns the scores of r.
func (r Retrieval) Score() (Scores, error) {
	s, _, err := r.score()
	return s, err
}

// score is Score, and what each of the queries with a partner contributes.
func (r Retrieval) score() (Scores, []queryScore, error) {
	if err := r.check(); err != nil {
		return Scores{}, nil, err
	}
	relevant, depth := r.relevant(), 1
	for _, k := range r.Ranks {
		depth = max(depth, k)
	}
	chosen, most := r.chosen(), 0
	for _, q := range chosen {
		most = max(most, relevant[q])
	}
	if depth = min(max(depth, most), r.others()); r.Full {
		depth = r.others()
	}
	ranked := make([]queryScore, len(chosen))
	var finished atomic.Int64
	done := func() {
		if d := int(finished.Add(1)); r.Progress != nil && (d%progressEvery == 0 || d == len(chosen)) {
			r.Progress(d, len(chosen))
		}
	}
	for k, q := range chosen {
		ranked[k] = queryScore{query: int32(q), others: int32(relevant[q])}
	}
	_, labels := r.gallery()
	s := r.search(chosen, depth, func(k int, nearest []int32) {
		ranked[k].rank(labels, r.QueryLabels[chosen[k]], nearest)
		done()
	})
	s.relevant = func(k int, row int32) bool { return labels[row] == r.QueryLabels[chosen[k]] }
	var err error
	if r.Full && most <= mostRelevant {
		rows := rowsByLabel(labels)
		err = s.ranks(func(k int) []int32 { return rows[r.QueryLabels[chosen[k]]] }, func(k int, ranks []int32) {
			ranked[k].atRanks(ranks)
			done()
		})
	} else {
		err = s.run()
	}
	if err != nil {
		return Scores{}, nil, err
	}
	took := slices.DeleteFunc(ranked, func(s queryScore) bool { return s.others == 0 })
	scores := Scores{Queries: len(took), Skipped: len(chosen) - len(took)}
	if scores.Queries == 0 {
		return scores, nil, ErrNoPartner
	}
	scores.Means = r.means(took, nil)
	if r.Resamples > 0 {
		scores.Bootstrap = r.bootstrap(took)
	}
	return scores, took, nil
}

// progressEvery is after how many queries progress is told.
const progressEvery = 64

// alone tells that queries are compared with each other.
func (r Retrieval) alone() bool { return r.Gallery == nil && r.GalleryLabels == nil }

func (r Retrieval) check() error {
	if err := check(r.Queries, r.Dim, r.QueryLabels); err != nil {
		return err
	}
	if !r.alone() {
		if err := check(r.Gallery, r.Dim, r.GalleryLabels); err != nil {
			return fmt.Errorf("%w (the gallery)", err)
		}
	}
	for _, k := range r.Ranks {
		if k < 1 {
			return fmt.Errorf("eval: recall at %d: give ranks from 1", k)
		}
	}
	return nil
}

// gallery is what the queries are compared with: themselves, where there is none.
func (r Retrieval) gallery() ([]float32, []int32) {
	if r.alone() {
		return r.Queries, r.QueryLabels
	}
	return r.Gallery, r.GalleryLabels
}

// others is how many rows a query is compared with.
func (r Retrieval) others() int {
	if r.alone() {
		return max(0, len(r.QueryLabels)-1)
	}
	return len(r.GalleryLabels)
}

// relevant is, for each query, how many of those it is compared with are of its
// class: R.
func (r Retrieval) relevant() []int {
	size := map[int32]int{}
	_, labels := r.gallery()
	for _, l := range labels {
		size[l]++
	}
	relevant := make([]int, len(r.QueryLabels))
	for q, l := range r.QueryLabels {
		if relevant[q] = size[l]; r.alone() {
			relevant[q]-- // but for the query itself
		}
	}
	return relevant
}

// chosen are the queries that take part, ascending.
func (r Retrieval) chosen() []int {
	n := len(r.QueryLabels)
	if r.Sample <= 0 || r.Sample >= n {
		all := make([]int, n)
		for q := range all {
			all[q] = q
		}
		return all
	}
	some := rand.New(rand.NewPCG(r.Seed, 0x5a3)).Perm(n)[:r.Sample]
	slices.Sort(some)
	return some
}

// search is that of the queries at places; see [Search].
func (r Retrieval) search(places []int, k int, visit func(place int, nearest []int32)) *search {
	s := &search{queries: r.Queries, dim: r.Dim, k: k, others: r.others(), visit: visit}
	s.gallery, _ = r.gallery()
	if !isAll(places, len(r.QueryLabels)) {
		s.queries = make([]float32, 0, len(places)*r.Dim)
		for _, q := range places {
			s.queries = append(s.queries, r.Queries[q*r.Dim:(q+1)*r.Dim]...)
		}
	}
	if r.alone() {
		s.own = func(k int) int { return places[k] }
	}
	return s
}

// isAll tells that places are 0 to n-1.
func isAll(places []int, n int) bool {
	for k, q := range places {
		if q != k {
			return false
		}
	}
	return len(places) == n
}

// Nearest returns the rows of the gallery, or of the others, that are nearest to
// each of the queries at places, at most k, nearest first.
func (r Retrieval) Nearest(places []int, k int) ([][]int32, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	for _, q := range places {
		if q < 0 || q >= len(r.QueryLabels) {
			return nil, fmt.Errorf("eval: query %d of %d", q, len(r.QueryLabels))
		}
	}
	found := make([][]int32, len(places))
	s := r.search(places, max(0, min(k, r.others())), func(k int, nearest []int32) { found[k] = slices.Clone(nearest) })
	return found, s.run()
}

// rowsByLabel lists the rows of each label, ascending.
func rowsByLabel(labels []int32) map[int32][]int32 {
	rows := map[int32][]int32{}
	for i, l := range labels {
		rows[l] = append(rows[l], int32(i))
	}
	return rows
}
