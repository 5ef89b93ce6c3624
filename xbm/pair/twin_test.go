package pair

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A twin is a loss as a plain loop in float64 over all pairs, or triplets: what
// the streaming form is held against.
type twin func(v *view) float64

// view is what a twin sees: everything, at once.
type view struct {
	dim     int
	a, c    []float64 // unit rows of anchors and columns
	lengths []float64 // of the columns, before
	s       [][]float64
	base    func() [][]float64 // s at the point where a gradient is taken
	labels  []int32
	columns []int32 // labels
	own     []int
	selection
}

// selection says which pairs and triplets count.
type selection struct {
	kind    [][]pairKind
	times   [][]int                // of each pair; nil: 1
	partner func(i, p, n int) bool // which triplets; nil: all of the pairs
}

type pairKind int8

const (
	leftOut pairKind = iota
	positive
	negative
)

// sides are the similarities of an anchor's positive and negative pairs.
func (v *view) sides(i int) (pos, neg []float64) {
	for j, x := range v.s[i] {
		switch v.kind[i][j] {
		case positive:
			pos = append(pos, x)
		case negative:
			neg = append(neg, x)
		}
	}
	return pos, neg
}

// repeated is sides with each pair as often as it counts.
func (v *view) repeated(i int) (pos, neg []float64) {
	v.pairs(i, func(j int, kind pairKind) {
		if kind == positive {
			pos = append(pos, v.s[i][j])
		} else {
			neg = append(neg, v.s[i][j])
		}
	})
	return pos, neg
}

// pairs visits an anchor's pairs, each as often as it counts.
func (v *view) pairs(i int, visit func(j int, kind pairKind)) {
	for j, kind := range v.kind[i] {
		if kind == leftOut {
			continue
		}
		times := 1
		if v.times != nil {
			times = v.times[i][j]
		}
		for range times {
			visit(j, kind)
		}
	}
}

func (v *view) triplets(visit func(i, p, n int)) {
	for i := range v.s {
		var pos, neg []int
		for j, kind := range v.kind[i] {
			switch kind {
			case positive:
				pos = append(pos, j)
			case negative:
				neg = append(neg, j)
			}
		}
		for _, p := range pos {
			for _, n := range neg {
				if v.partner == nil || v.partner(i, p, n) {
					visit(i, p, n)
				}
			}
		}
	}
}

// row is column j's.
func (v *view) row(j int) []float64 { return v.c[j*v.dim : (j+1)*v.dim] }

func (v *view) anchor(i int) []float64 { return v.a[i*v.dim : (i+1)*v.dim] }

func dot(a, b []float64) (sum float64) {
	for k, x := range a {
		sum += x * b[k]
	}
	return sum
}

func distanceOf(s float64) float64 { return math.Sqrt(math.Max(0, 2-2*s)) }

func contrastiveTwin(euclidean bool, posMargin, negMargin float64) twin {
	return func(v *view) float64 {
		var sum, count [2]float64
		for i := range v.s {
			v.pairs(i, func(j int, kind pairKind) {
				pos, neg := posMargin-v.s[i][j], v.s[i][j]-negMargin
				if euclidean {
					d := distanceOf(v.s[i][j])
					pos, neg = d-posMargin, negMargin-d
				}
				switch {
				case kind == positive && pos > rounding:
					sum[0] += pos
					count[0]++
				case kind == negative && neg > rounding:
					sum[1] += neg
					count[1]++
				}
			})
		}
		return sum[0]/math.Max(1, count[0]) + sum[1]/math.Max(1, count[1])
	}
}

// sample is a random problem before normalisation. With columns nil, the
// columns are the anchors.
type sample struct {
	dim                   int
	anchors, columns      []float32
	labels, columnLabels  []int32
	ids, columnIDs        []int64
	own                   []int
	keepCopies, symmetric bool
}

func randomSample(rng *rand.Rand, n, m, dim, classes int) sample {
	s := sample{dim: dim, anchors: gauss(rng, n*dim), labels: make([]int32, n), ids: make([]int64, n), own: make([]int, n)}
	for i := range n {
		s.labels[i] = int32(rng.IntN(classes))
		s.ids[i] = int64(i)
		s.own[i] = -1
	}
	if m < 0 {
		s.symmetric = true
		for i := range n {
			s.own[i] = i
		}
		s.columns, s.columnLabels, s.columnIDs = s.anchors, s.labels, s.ids
		return s
	}
	s.columns, s.columnLabels, s.columnIDs = gauss(rng, m*dim), make([]int32, m), make([]int64, m)
	for j := range m {
		s.columnLabels[j] = int32(rng.IntN(classes))
		s.columnIDs[j] = int64(n + j)
	}
	// Some columns are older copies of an anchor, some the anchor itself.
	for i := 0; i < min(n, m); i += 3 {
		j := (i * 7) % m
		s.columnIDs[j], s.columnLabels[j] = s.ids[i], s.labels[i]
		if i%2 == 0 {
			copy(s.columns[j*dim:(j+1)*dim], s.anchors[i*dim:(i+1)*dim])
			s.own[i] = j
		}
	}
	return s
}

func gauss(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// problem is the sample as the engine takes it.
func (s sample) problem() (*Problem, *Unit) {
	var a, c Unit
	a.Set(s.anchors, s.dim)
	c.Set(s.columns, s.dim)
	return &Problem{
		Dim:     s.dim,
		Anchors: Side{Rows: a.Rows, Labels: s.labels, IDs: s.ids, Lengths: a.Lengths},
		Columns: Side{Rows: c.Rows, Labels: s.columnLabels, IDs: s.columnIDs, Lengths: c.Lengths},
		Own:     s.own, SameID: !s.keepCopies, Symmetric: s.symmetric, DLengths: make([]float32, len(s.labels)),
	}, &a
}

// run computes the value and the gradient with respect to the anchors before
// normalisation, by the engine.
func (s sample) run(l Loss) (Summary, []float32) {
	p, a := s.problem()
	dUnit := make([]float32, len(s.anchors))
	var engine Engine
	summary := engine.Run(dUnit, p, l)
	dEmb := make([]float32, len(s.anchors))
	a.AddGradient(dEmb, 1, dUnit)
	a.AddLengthGradient(dEmb, p.DLengths)
	return summary, dEmb
}

// view is what a twin sees of the sample when the anchors are these. Through them
// the columns change too if the sample is symmetric.
func (s sample) view(anchors []float64, chosen *selection) *view {
	columns := anchors
	if !s.symmetric {
		columns = wide(s.columns)
	}
	v := &view{
		dim: s.dim, a: unit(anchors, s.dim), c: unit(columns, s.dim),
		labels: s.labels, columns: s.columnLabels, own: s.own,
		base: func() [][]float64 { return s.view(wide(s.anchors), nil).s },
	}
	for j := range s.columnLabels {
		v.lengths = append(v.lengths, math.Sqrt(dot(columns[j*s.dim:(j+1)*s.dim], columns[j*s.dim:(j+1)*s.dim])))
	}
	v.s = make([][]float64, len(s.labels))
	for i := range v.s {
		v.s[i] = make([]float64, len(s.columnLabels))
		for j := range v.s[i] {
			v.s[i][j] = dot(v.anchor(i), v.row(j))
		}
	}
	v.selection = s.all()
	if chosen != nil {
		v.selection = *chosen
	}
	return v
}

// all is the selection of everything.
func (s sample) all() (all selection) {
	for i := range s.labels {
		kind := make([]pairKind, len(s.columnLabels))
		for j := range kind {
			switch {
			case s.own[i] == j, !s.keepCopies && s.ids[i] == s.columnIDs[j]:
			case s.labels[i] == s.columnLabels[j]:
				kind[j] = positive
			default:
				kind[j] = negative
			}
		}
		all.kind = append(all.kind, kind)
	}
	return all
}

func (s sample) value(t twin, anchors []float64) float64 { return t(s.view(anchors, nil)) }

// gradient is the twin's, by central differences, the selection held fixed.
func (s sample) gradient(t twin, chosen *selection) []float64 {
	return differences(wide(s.anchors), func(x []float64) float64 { return t(s.view(x, chosen)) })
}

// differences are central.
func differences(x []float64, f func([]float64) float64) []float64 {
	const h = 1e-6 // the square root of float64's rounding, roughly, for numbers near 1
	g := make([]float64, len(x))
	for i, old := range x {
		x[i] = old + h
		up := f(x)
		x[i] = old - h
		g[i] = (up - f(x)) / (2 * h)
		x[i] = old
	}
	return g
}

func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func unit(x []float64, dim int) []float64 {
	y := make([]float64, len(x))
	for i := 0; i < len(x); i += dim {
		var square float64
		for _, v := range x[i : i+dim] {
			square += v * v
		}
		for k, v := range x[i : i+dim] {
			if square >= shortest*shortest {
				y[i+k] = v / math.Sqrt(square)
			}
		}
	}
	return y
}

// relative is ‖got-want‖ over ‖want‖, which is taken as no less than what
// differences of float64 can tell from 0 where logits are in the thousands.
func relative(got []float32, want []float64) float64 {
	var diff, norm float64
	for i, w := range want {
		diff += (float64(got[i]) - w) * (float64(got[i]) - w)
		norm += w * w
	}
	return math.Sqrt(diff) / math.Max(math.Sqrt(norm), 1e-3)
}

// tolerance is what float32 similarities and sums leave of the twin's digits,
// as the reference cases ask for.
const tolerance = 1e-4

func TestLossesEqualTheirTwins(t *testing.T) {
	shapes := []struct{ n, m, dim, classes int }{
		{7, -1, 5, 3}, {12, -1, 8, 4}, {1, -1, 3, 1}, {5, -1, 4, 5}, {6, -1, 4, 1},
		{7, 9, 5, 3}, {3, 1, 2, 2}, {4, 0, 3, 2}, {5, 40, 6, 100}, {35, 30, 3, 4},
	}
	for name, c := range lossCases() {
		for i, shape := range shapes {
			for _, keep := range []bool{false, true} {
				rng := rand.New(rand.NewPCG(uint64(i), 7))
				s := randomSample(rng, shape.n, shape.m, shape.dim, shape.classes)
				s.keepCopies = keep
				summary, grad := s.run(c.loss())
				want := s.value(c.twin, wide(s.anchors))
				if err := math.Abs(summary.Value-want) / math.Max(math.Abs(want), 1e-8); err > tolerance {
					t.Errorf("%s %+v: value %g, the twin's is %g", name, shape, summary.Value, want)
				}
				if err := relative(grad, s.gradient(c.twin, nil)); err > tolerance {
					t.Errorf("%s %+v: gradient is off the twin's differences by %g", name, shape, err)
				}
			}
		}
	}
}

// Past one block of anchors and one tile of columns the value still is the
// twin's; the gradient there is the same code.
func TestLossesOverManyTiles(t *testing.T) {
	for name, c := range lossCases() {
		for _, shape := range []struct{ n, m, classes int }{{70, 1300, 60}, {530, -1, 130}, {33, 513, 8}} {
			s := randomSample(rand.New(rand.NewPCG(3, 4)), shape.n, shape.m, 6, shape.classes)
			summary, _ := s.run(c.loss())
			if want := s.value(c.twin, wide(s.anchors)); math.Abs(summary.Value-want) > tolerance*want {
				t.Errorf("%s %+v: value %g, the twin's is %g", name, shape, summary.Value, want)
			}
		}
	}
}
