package eval

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
)

// Retrieval is what to retrieve among what, and what to report of it. Dim,
// Queries and QueryLabels (or QuerySets) must be given.
type Retrieval struct {
	Dim         int
	Queries     []float32 // n×Dim, row-major
	QueryLabels []int32

	// Gallery (m×Dim) is what the queries are compared with. Where it and its
	// labels are nil, each query is compared with all the others.
	Gallery       []float32
	GalleryLabels []int32

	// QuerySets and GallerySets take the place of the labels where a row has several,
	// or none: a row is right for a query if they share one.
	QuerySets, GallerySets [][]int32

	// QueryCameras and GalleryCameras (without a gallery: the first alone) say which
	// camera took each row, -1 for not known. Then rows of a query's class by its own
	// camera are left out of its ranking, being neither right nor wrong: what is asked
	// for is the same object elsewhere.
	//
	//	Liang Zheng, Liyue Shen, Lu Tian, Shengjin Wang, Jingdong Wang, Qi Tian.
	//	Scalable Person Re-identification: A Benchmark. ICCV 2015.
	//	https://doi.org/10.1109/ICCV.2015.133 (section 3.2: junk images)
	QueryCameras, GalleryCameras []int32
	// Junk marks the rows of the gallery (of the queries, where there is none) that are
	// neither right nor wrong for anyone: they ask nothing and are in no ranking.
	Junk []bool

	Distance   Distance // by which rows are near
	Ranks      []int    // that recall is reported at, each at least 1
	Full       bool     // MAP and MRR too: where a class has more than 256 others, O(n·m·log m)
	ClassMeans bool     // means over the classes too, beside those over queries
	Resamples  int      // of the bootstrap over queries; 0: none
	Sample     int      // at most so many of the queries take part, drawn by Seed; 0: all
	Seed       uint64   // of the bootstrap and the sample

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
	r = r.byDistance()
	v, depth := r.relevance(), 1
	for _, k := range r.Ranks {
		depth = max(depth, k)
	}
	chosen, most := r.chosen(v), 0
	ranked := make([]queryScore, len(chosen))
	for k, q := range chosen {
		ranked[k] = queryScore{query: int32(q), others: int32(v.count(q))}
		most = max(most, int(ranked[k].others))
	}
	if depth = min(max(depth, most), r.others()); r.Full {
		depth = r.others()
	}
	var finished atomic.Int64
	done := func() {
		if d := int(finished.Add(1)); r.Progress != nil && (d%progressEvery == 0 || d == len(chosen)) {
			r.Progress(d, len(chosen))
		}
	}
	s := r.search(chosen, depth, func(k int, nearest []int32) {
		ranked[k].rank(func(row int32) bool { return v.match(chosen[k], row) }, nearest)
		done()
	})
	s.relevant = func(k int, row int32) bool { return v.match(chosen[k], row) }
	s.leaveOut(v, chosen)
	var err error
	if r.Full && most <= mostRelevant {
		err = s.ranks(func(k int) []int32 { return v.right(chosen[k]) }, func(k int, ranks []int32) {
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
	scores := Scores{Queries: len(took), Skipped: len(chosen) - len(took), Junk: len(v.junk), AcrossCameras: r.QueryCameras != nil}
	if scores.Queries == 0 && r.QueryCameras != nil {
		return scores, nil, fmt.Errorf("%w by another camera", ErrNoPartner)
	}
	if scores.Queries == 0 {
		return scores, nil, ErrNoPartner
	}
	scores.Means = r.means(took, nil)
	if r.Resamples > 0 {
		scores.Bootstrap = r.bootstrap(took)
	}
	if r.ClassMeans {
		scores.ClassMeans = r.classMeans(took)
	}
	return scores, took, nil
}

// progressEvery is after how many queries progress is told.
const progressEvery = 64

// alone tells that queries are compared with each other.
func (r Retrieval) alone() bool {
	return r.Gallery == nil && r.GalleryLabels == nil && r.GallerySets == nil
}

// several tells that rows may have several labels.
func (r Retrieval) several() bool { return r.QuerySets != nil || r.GallerySets != nil }

func (r Retrieval) check() error {
	if err := check(r.Queries, r.Dim, r.queries()); err != nil {
		return err
	}
	if !r.alone() {
		if err := check(r.Gallery, r.Dim, r.rows()); err != nil {
			return fmt.Errorf("%w (the gallery)", err)
		}
	}
	for _, k := range r.Ranks {
		if k < 1 {
			return fmt.Errorf("eval: recall at %d: give ranks from 1", k)
		}
	}
	return r.checkLabels()
}

// checkLabels looks at what is said of the rows, but for the embeddings.
func (r Retrieval) checkLabels() error {
	if r.several() && (r.QueryLabels != nil || r.GalleryLabels != nil || r.QuerySets == nil || r.QueryCameras != nil) {
		return errors.New("eval: sets of labels for the queries or the gallery alone, or beside labels or cameras: give sets for both, and nothing beside")
	}
	if !r.alone() && (r.QueryCameras == nil) != (r.GalleryCameras == nil) {
		return errors.New("eval: cameras of the queries or of the gallery alone: give both or neither")
	}
	for _, x := range []struct {
		what       string
		have, want int
	}{
		{"cameras of queries", len(r.QueryCameras), r.queries()},
		{"cameras of a gallery", len(r.GalleryCameras), r.rows()},
		{"marks of junk", len(r.Junk), r.rows()},
	} {
		if x.have != 0 && x.have != x.want {
			return fmt.Errorf("eval: %d %s for %d rows: give one for each", x.have, x.what, x.want)
		}
	}
	return nil
}

// queries is how many there are.
func (r Retrieval) queries() int { return max(len(r.QueryLabels), len(r.QuerySets)) }

// rows is how many rows lie in what the queries are compared with.
func (r Retrieval) rows() int {
	if r.alone() {
		return r.queries()
	}
	return max(len(r.GalleryLabels), len(r.GallerySets))
}

// gallery is what the queries are compared with: themselves, where there is none.
func (r Retrieval) gallery() (rows []float32, labels, cameras []int32, sets [][]int32) {
	if r.alone() {
		return r.Queries, r.QueryLabels, r.QueryCameras, r.QuerySets
	}
	return r.Gallery, r.GalleryLabels, r.GalleryCameras, r.GallerySets
}

// others is how many rows a query is compared with at most.
func (r Retrieval) others() int {
	if r.alone() {
		return max(0, r.queries()-1)
	}
	return r.rows()
}

// chosen are the queries that take part, ascending.
func (r Retrieval) chosen(v *relevance) []int {
	var all []int
	for q := range r.queries() {
		if v.isQuery(q) {
			all = append(all, q)
		}
	}
	if r.Sample <= 0 || r.Sample >= len(all) {
		return all
	}
	some := rand.New(rand.NewPCG(r.Seed, 0x5a3)).Perm(len(all))[:r.Sample]
	slices.Sort(some)
	for k, i := range some {
		some[k] = all[i]
	}
	return some
}

// search is that of the queries at places; see [Search].
func (r Retrieval) search(places []int, k int, visit func(place int, nearest []int32)) *search {
	s := &search{queries: r.Queries, dim: r.Dim, k: k, others: r.others(), visit: visit}
	s.gallery, _, _, _ = r.gallery()
	all := isAll(places, r.queries())
	if !all {
		s.queries = make([]float32, 0, len(places)*r.Dim)
		for _, q := range places {
			s.queries = append(s.queries, r.Queries[q*r.Dim:(q+1)*r.Dim]...)
		}
	}
	if r.alone() {
		s.own, s.same = func(k int) int { return places[k] }, all
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
		if q < 0 || q >= r.queries() {
			return nil, fmt.Errorf("eval: query %d of %d", q, r.queries())
		}
	}
	r = r.byDistance()
	found := make([][]int32, len(places))
	s := r.search(places, max(0, min(k, r.others())), func(k int, nearest []int32) { found[k] = slices.Clone(nearest) })
	s.leaveOut(r.relevance(), places)
	return found, s.run()
}
