package pair

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A twin is a loss as a plain double loop in float64 over all pairs: what the
// streaming form is held against. s is the cosine similarity of each anchor with
// each column, kind says which pairs count.
type twin func(s [][]float64, kind [][]pairKind) float64

type pairKind int8

const (
	leftOut pairKind = iota
	positive
	negative
)

// lossCases is the table that every loss stands in, with its twin. gradcheck,
// edge and thread tests all run over it.
func lossCases() map[string]struct {
	loss func() Loss
	twin twin
} {
	return map[string]struct {
		loss func() Loss
		twin twin
	}{
		"contrastive-cosine": {
			func() Loss { return NewContrastive(false) }, contrastiveTwin(false, 1, 0.5)},
		"contrastive-cosine-margins": {
			func() Loss { return &Contrastive{PosMargin: 0.7, NegMargin: -0.2} }, contrastiveTwin(false, 0.7, -0.2)},
		"contrastive-euclidean": {
			func() Loss { return NewContrastive(true) }, contrastiveTwin(true, 0, 1)},
		"contrastive-euclidean-margins": {
			func() Loss { return &Contrastive{Euclidean: true, PosMargin: 0.4, NegMargin: 1.6} }, contrastiveTwin(true, 0.4, 1.6)},
		"multi-similarity": {
			func() Loss { return NewMultiSimilarity() }, multiSimilarityTwin(2, 50, 0.5)},
		"multi-similarity-soft": {
			func() Loss { return &MultiSimilarity{Alpha: 5, Beta: 3, Base: -0.2} }, multiSimilarityTwin(5, 3, -0.2)},
		"nt-xent":      {func() Loss { return &NTXent{Temperature: 0.07} }, ntxentTwin(0.07)},
		"nt-xent-soft": {func() Loss { return &NTXent{Temperature: 1} }, ntxentTwin(1)},
		"nt-xent-hard": {func() Loss { return &NTXent{Temperature: 0.001} }, ntxentTwin(0.001)},
		"supcon":       {func() Loss { return &SupCon{Temperature: 0.1} }, supconTwin(0.1)},
		"margin":       {func() Loss { return NewMargin() }, marginTwin(0.2, 1.2)},
		"margin-wide":  {func() Loss { return &Margin{Margin: 0.7, Beta: 0.9} }, marginTwin(0.7, 0.9)},
		"intra-pair-variance": {
			func() Loss { return &IntraPairVariance{PosEpsilon: 0.01, NegEpsilon: 0.01} }, intraPairTwin(0.01, 0.01)},
		"intra-pair-variance-loose": {
			func() Loss { return &IntraPairVariance{PosEpsilon: 0.5, NegEpsilon: 0.9} }, intraPairTwin(0.5, 0.9)},
		"tuplet-margin":      {func() Loss { return NewTupletMargin() }, tupletMarginTwin(5.73, 64)},
		"tuplet-margin-wide": {func() Loss { return &TupletMargin{Margin: 40, Scale: 3} }, tupletMarginTwin(40, 3)},
		"nca":                {func() Loss { return &NCA{Scale: 1} }, ncaTwin(1)},
		"nca-hard":           {func() Loss { return &NCA{Scale: 30} }, ncaTwin(30)},
		"generalized-lifted": {
			func() Loss { return &GeneralizedLifted{NegMargin: 1} }, generalizedLiftedTwin(0, 1)},
		"generalized-lifted-margins": {
			func() Loss { return &GeneralizedLifted{PosMargin: 1.9, NegMargin: 0.1} }, generalizedLiftedTwin(1.9, 0.1)},
		"supcon-hard": {func() Loss { return &SupCon{Temperature: 0.01} }, supconTwin(0.01)},
	}
}

func contrastiveTwin(euclidean bool, posMargin, negMargin float64) twin {
	return func(s [][]float64, kind [][]pairKind) float64 {
		var sum, count [2]float64
		for i := range s {
			for j := range s[i] {
				pos, neg := posMargin-s[i][j], s[i][j]-negMargin
				if euclidean {
					d := math.Sqrt(math.Max(0, 2-2*s[i][j]))
					pos, neg = d-posMargin, negMargin-d
				}
				switch {
				case kind[i][j] == positive && pos > 0:
					sum[0] += pos
					count[0]++
				case kind[i][j] == negative && neg > 0:
					sum[1] += neg
					count[1]++
				}
			}
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

// run computes the value and the gradient with respect to the anchors before
// normalisation, by the engine.
func (s sample) run(l Loss) (Summary, []float32) {
	var a, c Unit
	a.Set(s.anchors, s.dim)
	c.Set(s.columns, s.dim)
	p := &Problem{
		Dim:     s.dim,
		Anchors: Side{Rows: a.Rows, Labels: s.labels, IDs: s.ids},
		Columns: Side{Rows: c.Rows, Labels: s.columnLabels, IDs: s.columnIDs},
		Own:     s.own, SameID: !s.keepCopies, Symmetric: s.symmetric,
	}
	dUnit := make([]float32, len(s.anchors))
	var engine Engine
	summary := engine.Run(dUnit, p, l)
	dEmb := make([]float32, len(s.anchors))
	a.AddGradient(dEmb, 1, dUnit)
	return summary, dEmb
}

// value is the twin's, of anchors given in float64. Through them the columns
// change too if the sample is symmetric.
func (s sample) value(t twin, anchors []float64) float64 {
	columns := anchors
	if !s.symmetric {
		columns = wide(s.columns)
	}
	a, c := unit(anchors, s.dim), unit(columns, s.dim)
	sim := make([][]float64, len(s.labels))
	kind := make([][]pairKind, len(s.labels))
	for i := range sim {
		sim[i] = make([]float64, len(s.columnLabels))
		kind[i] = make([]pairKind, len(s.columnLabels))
		for j := range sim[i] {
			for k := range s.dim {
				sim[i][j] += a[i*s.dim+k] * c[j*s.dim+k]
			}
			switch {
			case s.own[i] == j, !s.keepCopies && s.ids[i] == s.columnIDs[j]:
			case s.labels[i] == s.columnLabels[j]:
				kind[i][j] = positive
			default:
				kind[i][j] = negative
			}
		}
	}
	return t(sim, kind)
}

// gradient is the twin's, by central differences.
func (s sample) gradient(t twin) []float64 {
	const h = 1e-6 // the square root of float64's rounding, roughly, for numbers near 1
	x := wide(s.anchors)
	g := make([]float64, len(x))
	for i, old := range x {
		x[i] = old + h
		up := s.value(t, x)
		x[i] = old - h
		g[i] = (up - s.value(t, x)) / (2 * h)
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
			if square > 0 {
				y[i+k] = v / math.Sqrt(square)
			}
		}
	}
	return y
}

// relative is ‖got-want‖ over ‖want‖.
func relative(got []float32, want []float64) float64 {
	var diff, norm float64
	for i, w := range want {
		diff += (float64(got[i]) - w) * (float64(got[i]) - w)
		norm += w * w
	}
	return math.Sqrt(diff) / math.Max(math.Sqrt(norm), 1e-8)
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
				if err := relative(grad, s.gradient(c.twin)); err > tolerance {
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
		for _, shape := range []struct{ n, m, classes int }{{70, 1300, 40}, {600, -1, 50}, {33, 513, 3}} {
			s := randomSample(rand.New(rand.NewPCG(3, 4)), shape.n, shape.m, 6, shape.classes)
			summary, _ := s.run(c.loss())
			if want := s.value(c.twin, wide(s.anchors)); math.Abs(summary.Value-want) > tolerance*want {
				t.Errorf("%s %+v: value %g, the twin's is %g", name, shape, summary.Value, want)
			}
		}
	}
}
