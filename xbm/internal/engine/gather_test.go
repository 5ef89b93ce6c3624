package engine

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// problem is of random unit rows, of which the first few columns are copies of anchors.
func problem(n, m, dim, classes int) *pair.Problem {
	rng := rand.New(rand.NewPCG(9, 9))
	side := func(n int) (s pair.Side) {
		s.Rows = make([]float32, n*dim)
		for i := range s.Rows {
			s.Rows[i] = float32(rng.NormFloat64())
		}
		kernel.NormalizeRows(s.Rows, make([]float32, n), s.Rows, dim)
		for i := range n {
			s.Labels, s.IDs = append(s.Labels, int32(rng.IntN(classes))), append(s.IDs, int64(i))
		}
		return s
	}
	p := &pair.Problem{Dim: dim, Anchors: side(n), Columns: side(m), Rule: pair.Rule{SameID: true}}
	for j := n; j < m; j++ {
		p.Columns.IDs[j] += 1000
	}
	for i := range min(n, m) {
		p.Columns.Labels[i] = p.Anchors.Labels[i]
	}
	return p
}

// What is gathered by label is what the rule says of every pair.
func TestGatherFindsThePositives(t *testing.T) {
	p := problem(11, 1300, 7, 5)
	var e Engine
	if !e.gather(p, mostGathered) {
		t.Fatal("too many positives")
	}
	for i, g := range e.gathered {
		var same, cols []int32
		var want pairCounts
		for j, label := range p.Columns.Labels {
			if label == p.Anchors.Labels[i] {
				same = append(same, int32(j))
			}
			switch p.Kind(i, j) {
			case pair.KindPositive:
				cols = append(cols, int32(j))
				want.pos++
			case pair.KindCopy:
				want.copies++
			case pair.KindNegative:
				want.neg++
			}
		}
		if !slices.Equal(g.same, same) || !slices.Equal(g.cols, cols) || e.counts[i] != want || want.copies != 1 {
			t.Errorf("anchor %d: %v of %v, %+v: want %v of %v, %+v", i, g.cols, g.same, e.counts[i], cols, same, want)
		}
		for k, j := range g.cols {
			if want := kernel.Dot(p.Anchors.Rows[i*7:][:7], p.Columns.Rows[j*7:][:7]); g.sims[k] != want {
				t.Errorf("anchor %d, column %d: %g, want %g", i, j, g.sims[k], want)
			}
		}
	}
}

func TestGatherLeavesManyPositivesToTheTiles(t *testing.T) {
	const n = 64
	most := mostGathered / n
	p := problem(n, most, 1, 1)
	var e Engine
	if !e.gather(p, mostGathered) {
		t.Errorf("%d columns of the label are too many", most)
	}
	if e.gather(problem(n, most+1, 1, 1), mostGathered) {
		t.Errorf("%d columns of the label are not too many", most+1)
	}
}

// A row of few has its negatives at their places among the positives.
func TestAFewRowIsInTheOrderOfColumns(t *testing.T) {
	g := &gathered{cols: []int32{3, 8}, sims: []float32{0.3, 0.8}}
	none := float32(math.Inf(-1))
	for _, c := range []struct {
		more    []negative
		columns []int32
		neg     []float32
		pos     []int
	}{
		{nil, []int32{3, 8}, []float32{none, none}, []int{0, 1}},
		{[]negative{{0, 0.5}}, []int32{0, 3, 8}, []float32{0.5, none, none}, []int{1, 2}},
		{[]negative{{5, 0.5}}, []int32{3, 5, 8}, []float32{none, 0.5, none}, []int{0, 2}},
		{[]negative{{9, 0.5}}, []int32{3, 8, 9}, []float32{none, none, 0.5}, []int{0, 1}},
		{[]negative{{0, 0.5}, {4, 0.25}, {7, 0.125}, {9, 0}}, []int32{0, 3, 4, 7, 8, 9}, []float32{0.5, none, 0.25, 0.125, none, 0}, []int{1, 4}},
	} {
		var r fewRow
		for range 2 { // the second time in the room of the first
			r.more = append(r.more[:0], c.more...)
			r.set(nil, 4, g)
		}
		if r.Anchor != 4 || !slices.Equal(r.Columns, c.columns) || !slices.Equal(r.Neg, c.neg) || len(r.Pos) != 2 {
			t.Errorf("%+v: %+v", c.more, r.Row)
			continue
		}
		for k, p := range r.Pos {
			if p.Col != c.pos[k] || p.Sim != g.sims[k] || p.Multiplicity != 1 {
				t.Errorf("%+v: positive %d is %+v", c.more, k, p)
			}
		}
	}
}
