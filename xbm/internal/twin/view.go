// Package twin holds what the tests of losses and miners share: random problems, and
// the view of all pairs at once by which a loss is written as a plain loop in
// float64, its twin. No program imports it.
package twin

import "math"

// A Loss is a loss as a plain loop in float64 over all pairs, or triplets: what the
// streaming form is held against.
type Loss func(v *View) float64

// View is what a twin sees: everything, at once.
type View struct {
	Dim     int
	A, C    []float64 // unit rows of anchors and columns
	Lengths []float64 // of the columns, before
	S       [][]float64
	Base    func() [][]float64 // S at the point where a gradient is taken
	Labels  []int32
	Columns []int32 // labels
	Own     []int
	Selection
}

// Selection says which pairs and triplets count.
type Selection struct {
	Kind    [][]Kind
	Times   [][]int                // of each pair; nil: 1
	Partner func(i, p, n int) bool // which triplets; nil: all of the pairs
}

// Kind is what a pair counts as.
type Kind int8

// The kinds.
const (
	LeftOut Kind = iota
	Positive
	Negative
)

// Sides are the similarities of an anchor's positive and negative pairs.
func (v *View) Sides(i int) (pos, neg []float64) {
	for j, x := range v.S[i] {
		switch v.Kind[i][j] {
		case Positive:
			pos = append(pos, x)
		case Negative:
			neg = append(neg, x)
		}
	}
	return pos, neg
}

// Repeated is Sides with each pair as often as it counts.
func (v *View) Repeated(i int) (pos, neg []float64) {
	v.Pairs(i, func(j int, kind Kind) {
		if kind == Positive {
			pos = append(pos, v.S[i][j])
		} else {
			neg = append(neg, v.S[i][j])
		}
	})
	return pos, neg
}

// Pairs visits an anchor's pairs, each as often as it counts.
func (v *View) Pairs(i int, visit func(j int, kind Kind)) {
	for j, kind := range v.Kind[i] {
		if kind == LeftOut {
			continue
		}
		times := 1
		if v.Times != nil {
			times = v.Times[i][j]
		}
		for range times {
			visit(j, kind)
		}
	}
}

// Triplets visits the triplets of anchor, positive and negative.
func (v *View) Triplets(visit func(i, p, n int)) {
	for i := range v.S {
		var pos, neg []int
		for j, kind := range v.Kind[i] {
			switch kind {
			case Positive:
				pos = append(pos, j)
			case Negative:
				neg = append(neg, j)
			}
		}
		for _, p := range pos {
			for _, n := range neg {
				if v.Partner == nil || v.Partner(i, p, n) {
					visit(i, p, n)
				}
			}
		}
	}
}

// Filtered keeps what is wanted of all pairs.
func (v *View) Filtered(keep func(i, j int) bool) Selection {
	out := Selection{}
	for i := range v.Kind {
		kind := make([]Kind, len(v.Kind[i]))
		for j, k := range v.Kind[i] {
			if k != LeftOut && keep(i, j) {
				kind[j] = k
			}
		}
		out.Kind = append(out.Kind, kind)
	}
	return out
}

// IsSquare says that the columns are the anchors.
func (v *View) IsSquare() bool {
	for i, j := range v.Own {
		if i != j {
			return false
		}
	}
	return len(v.Labels) == len(v.Columns)
}

// Row is column j's.
func (v *View) Row(j int) []float64 { return v.C[j*v.Dim : (j+1)*v.Dim] }

// Anchor is anchor i's row.
func (v *View) Anchor(i int) []float64 { return v.A[i*v.Dim : (i+1)*v.Dim] }

// Dot is the inner product.
func Dot(a, b []float64) (sum float64) {
	for k, x := range a {
		sum += x * b[k]
	}
	return sum
}

// Distance is the Euclidean distance of unit rows of similarity s.
func Distance(s float64) float64 { return math.Sqrt(math.Max(0, 2-2*s)) }

// Apart is Distance, or else the negative similarity.
func Apart(isEuclidean bool, s float64) float64 {
	if isEuclidean {
		return Distance(s)
	}
	return -s
}

// Log is log Σ e^f(x), with the largest term taken off.
func Log(xs []float64, f func(float64) float64) float64 {
	top := math.Inf(-1)
	for _, x := range xs {
		top = math.Max(top, f(x))
	}
	if math.IsInf(top, -1) {
		return top
	}
	var sum float64
	for _, x := range xs {
		sum += math.Exp(f(x) - top)
	}
	return top + math.Log(sum)
}
