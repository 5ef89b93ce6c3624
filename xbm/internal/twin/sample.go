package twin

import (
	"math"
	"math/rand/v2"
	"sync"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/pair"
)

// Tolerance is what float32 similarities and sums leave of the twin's digits, as
// the reference cases ask for.
const Tolerance = 1e-4

// Sample is a problem before normalisation.
type Sample struct {
	Dim                  int
	Anchors, Columns     []float32
	Labels, ColumnLabels []int32
	IDs, ColumnIDs       []int64
	Own                  []int
	KeepCopies           bool
	Symmetric            bool // the columns are the anchors
}

// Random is a random sample of n anchors and m columns; m -1: the anchors are the
// columns. Some columns are older copies of an anchor, some the anchor itself.
func Random(rng *rand.Rand, n, m, dim, classes int) Sample {
	s := Sample{Dim: dim, Anchors: Gauss(rng, n*dim), Labels: make([]int32, n), IDs: make([]int64, n), Own: make([]int, n)}
	for i := range n {
		s.Labels[i] = int32(rng.IntN(classes))
		s.IDs[i] = int64(i)
		s.Own[i] = -1
	}
	if m < 0 {
		s.Symmetric = true
		for i := range n {
			s.Own[i] = i
		}
		s.Columns, s.ColumnLabels, s.ColumnIDs = s.Anchors, s.Labels, s.IDs
		return s
	}
	s.Columns, s.ColumnLabels, s.ColumnIDs = Gauss(rng, m*dim), make([]int32, m), make([]int64, m)
	for j := range m {
		s.ColumnLabels[j] = int32(rng.IntN(classes))
		s.ColumnIDs[j] = int64(n + j)
	}
	for i := 0; i < min(n, m); i += 3 {
		j := (i * 7) % m
		s.ColumnIDs[j], s.ColumnLabels[j] = s.IDs[i], s.Labels[i]
		if i%2 == 0 {
			copy(s.Columns[j*dim:(j+1)*dim], s.Anchors[i*dim:(i+1)*dim])
			s.Own[i] = j
		}
	}
	return s
}

// Gauss is n normal numbers.
func Gauss(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// Problem is the sample as an engine takes it, with its unit anchors.
func (s Sample) Problem() (*pair.Problem, *pair.Unit) {
	var a, c pair.Unit
	a.Set(s.Anchors, s.Dim)
	c.Set(s.Columns, s.Dim)
	return &pair.Problem{
		Dim:       s.Dim,
		Anchors:   pair.Side{Rows: a.Rows, Labels: s.Labels, IDs: s.IDs, Lengths: a.Lengths},
		Columns:   pair.Side{Rows: c.Rows, Labels: s.ColumnLabels, IDs: s.ColumnIDs, Lengths: c.Lengths},
		Rule:      pair.Rule{Own: s.Own, SameID: !s.KeepCopies},
		Symmetric: s.Symmetric, DLengths: make([]float32, len(s.Labels)),
	}, &a
}

// engines are used again and again, as trainers do: their scratch space costs more
// than a small sample.
var engines = sync.Pool{New: func() any { return new(engine.Engine) }}

// Run is a loss's summary and its gradient with respect to the anchors before
// normalisation, by the engine.
func (s Sample) Run(l pair.Loss) (pair.Summary, []float32) {
	return s.RunWith(l, false, func(*pair.Side) {})
}

// RunWith is Run with something changed of the columns, by the fast way where there
// is one or by the plain one.
func (s Sample) RunWith(l pair.Loss, plain bool, change func(columns *pair.Side)) (pair.Summary, []float32) {
	p, a := s.Problem()
	change(&p.Columns)
	dUnit := make([]float32, len(s.Anchors))
	e := engines.Get().(*engine.Engine)
	defer engines.Put(e)
	e.Plain = plain
	summary := e.Run(dUnit, p, l)
	dEmb := make([]float32, len(s.Anchors))
	a.AddGradient(dEmb, 1, dUnit)
	a.AddLengthGradient(dEmb, p.DLengths)
	return summary, dEmb
}

// View is what a twin sees of the sample when the anchors are these. Through them
// the columns change too if the sample is symmetric. chosen nil is all pairs.
func (s Sample) View(anchors []float64, chosen *Selection) *View {
	columns := anchors
	if !s.Symmetric {
		columns = Wide(s.Columns)
	}
	v := &View{
		Dim: s.Dim, A: Unit(anchors, s.Dim), C: Unit(columns, s.Dim),
		Labels: s.Labels, Columns: s.ColumnLabels, Own: s.Own,
		Base: func() [][]float64 { return s.View(Wide(s.Anchors), nil).S },
	}
	for j := range s.ColumnLabels {
		v.Lengths = append(v.Lengths, math.Sqrt(Dot(columns[j*s.Dim:(j+1)*s.Dim], columns[j*s.Dim:(j+1)*s.Dim])))
	}
	v.S = make([][]float64, len(s.Labels))
	for i := range v.S {
		v.S[i] = make([]float64, len(s.ColumnLabels))
		for j := range v.S[i] {
			v.S[i][j] = Dot(v.Anchor(i), v.Row(j))
		}
	}
	v.Selection = s.all()
	if chosen != nil {
		v.Selection = *chosen
	}
	return v
}

// all is the selection of everything.
func (s Sample) all() (all Selection) {
	for i := range s.Labels {
		kind := make([]Kind, len(s.ColumnLabels))
		for j := range kind {
			switch {
			case s.Own[i] == j, !s.KeepCopies && s.IDs[i] == s.ColumnIDs[j]:
			case s.Labels[i] == s.ColumnLabels[j]:
				kind[j] = Positive
			default:
				kind[j] = Negative
			}
		}
		all.Kind = append(all.Kind, kind)
	}
	return all
}

// Value is the twin's.
func (s Sample) Value(l Loss, chosen *Selection) float64 { return l(s.View(Wide(s.Anchors), chosen)) }

// Gradient is the twin's, by central differences, the selection held fixed.
func (s Sample) Gradient(l Loss, chosen *Selection) []float64 {
	return Differences(Wide(s.Anchors), func(x []float64) float64 { return l(s.View(x, chosen)) })
}

// Differences are central.
func Differences(x []float64, f func([]float64) float64) []float64 {
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

// Wide is x in float64.
func Wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// Unit is the rows brought to unit length; those too short become zeros.
func Unit(x []float64, dim int) []float64 {
	y := make([]float64, len(x))
	for i := 0; i < len(x); i += dim {
		square := Dot(x[i:i+dim], x[i:i+dim])
		for k, v := range x[i : i+dim] {
			if square >= pair.Shortest*pair.Shortest {
				y[i+k] = v / math.Sqrt(square)
			}
		}
	}
	return y
}

// Relative is ‖got-want‖ over ‖want‖, which is taken as no less than what
// differences of float64 can tell from 0 where logits are in the thousands.
func Relative(got []float32, want []float64) float64 {
	var diff, norm float64
	for i, w := range want {
		diff += (float64(got[i]) - w) * (float64(got[i]) - w)
		norm += w * w
	}
	return math.Sqrt(diff) / math.Max(math.Sqrt(norm), 1e-3)
}
