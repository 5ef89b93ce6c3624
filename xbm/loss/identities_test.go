package loss

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

// What the papers say of how losses are related, and of their ends.

// Different names for one thing have one value and one gradient.
func TestLossesThatAreTheSame(t *testing.T) {
	batch := twin.Random(rand.New(rand.NewPCG(2, 3)), 12, -1, 6, 4)
	pairsOnly := batch // every class twice: one positive each
	pairsOnly.Labels = []int32{0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5}
	pairsOnly.ColumnLabels = pairsOnly.Labels
	classes := twin.Random(rand.New(rand.NewPCG(4, 5)), 9, 5, 6, 5)
	classes.ColumnLabels = []int32{0, 1, 2, 3, 4}
	classes.ColumnIDs = []int64{100, 101, 102, 103, 104}
	for i := range classes.Own {
		classes.Own[i] = -1
	}
	for name, c := range map[string]struct {
		sample twin.Sample
		a, b   pair.Loss
	}{
		"SupCon with one positive each is NT-Xent":       {pairsOnly, &SupCon{Temperature: 0.2}, &NTXent{Temperature: 0.2}},
		"a tuplet margin of 0 is NT-Xent":                {batch, &TupletMargin{Scale: 10}, &NTXent{Temperature: 0.1}},
		"n-pairs of two rows a class is NT-Xent of half": {pairsOnly, &NPairs{}, &half{NTXent{Temperature: 1}}},
		"CosFace without margin is normalized softmax":   {classes, &MarginSoftmax{Scale: 20}, &NormalizedSoftmax{NTXent{Temperature: 0.05}}},
		"ArcFace without margin is CosFace without":      {classes, &MarginSoftmax{Scale: 20, AngleMargin: 1e-9}, &MarginSoftmax{Scale: 20}},
		"SoftTriple of one centre is normalized softmax": {classes, &SoftTriple{Centers: 1, Scale: 20, Gamma: 0.1}, &NormalizedSoftmax{NTXent{Temperature: 0.05}}},
		"ProxyNCA is normalized softmax of half":         {classes, &ProxyNCA{NCA{Scale: 4}}, &NormalizedSoftmax{NTXent{Temperature: 0.125}}},
		"batch-hard is hard with hard":                   {batch, &pair.Mined{Miner: &miner.EasyHard{}, Loss: &Triplet{Margin: 0.3}}, &pair.Mined{Miner: &miner.EasyHard{Pos: miner.Hard, Neg: miner.Hard}, Loss: &Triplet{Margin: 0.3}}},
		"triplets within the margin are all that count":  {batch, &pair.Mined{Miner: &miner.Triplet{Margin: 0.3}, Loss: &Triplet{Margin: 0.3}}, &Triplet{Margin: 0.3}},
		"easy triplets of a margin have no hinge left":   {batch, &pair.Mined{Miner: &miner.Triplet{Kind: miner.EasyTriplets, Margin: 0.3}, Loss: &Triplet{Margin: 0.3}}, &nothing{}},
		"margins of 0 and 2 are wide enough for no miner": {
			batch, &pair.Mined{Miner: &miner.Margin{Euclidean: true, PosMargin: 0, NegMargin: 2}, Loss: NewMultiSimilarity()}, NewMultiSimilarity()},
		"a twin.Tolerance of 2 mines nothing away": {batch, &pair.Mined{Miner: &miner.MultiSimilarity{Epsilon: 2}, Loss: NewMultiSimilarity()}, NewMultiSimilarity()},
	} {
		a, dA := c.sample.Run(c.a)
		b, dB := c.sample.Run(c.b)
		if math.Abs(a.Value-b.Value) > 1e-6*math.Max(1, b.Value) {
			t.Errorf("%s: %g and %g", name, a.Value, b.Value)
		}
		if err := twin.Relative(dA, twin.Wide(dB)); err > 1e-4 {
			t.Errorf("%s: the gradients differ by %g", name, err)
		}
	}
}

// half is NT-Xent of the first six rows as anchors and the last six as columns.
type half struct{ NTXent }

func (l *half) choose(r *pair.Row) {
	if r.Anchor >= 6 {
		r.DropAll()
	}
	r.Keep(func(p pair.Positive) bool { return p.Col >= 6 }, func(c int, _ float32) bool { return c >= 6 })
}

func (l *half) Fold(pass int, r *pair.Row) {
	l.choose(r)
	l.NTXent.Fold(pass, r)
}

func (l *half) Weigh(w []float32, r *pair.Row) {
	l.choose(r)
	l.NTXent.Weigh(w, r)
}

// nothing is a loss that is 0.
type nothing struct{}

func (*nothing) Begin(*pair.Problem)        {}
func (*nothing) Passes() int                { return 1 }
func (*nothing) Fold(int, *pair.Row)        {}
func (*nothing) EndPass(int)                {}
func (*nothing) Summary() pair.Summary      { return pair.Summary{} }
func (*nothing) Weigh([]float32, *pair.Row) {}

// Where every class has a direction of its own, nothing is left to learn for
// losses of rank and margin; where every pair is the wrong way about, rank losses
// are at their worst.
func TestBestAndWorst(t *testing.T) {
	s := twin.Sample{Dim: 3, Symmetric: true}
	for c := range int32(3) {
		for range 4 {
			row := make([]float32, 3)
			row[c] = 2
			s.Anchors = append(s.Anchors, row...)
			s.Labels = append(s.Labels, c)
			s.IDs = append(s.IDs, int64(len(s.IDs)))
			s.Own = append(s.Own, len(s.Own))
		}
	}
	s.Columns, s.ColumnLabels, s.ColumnIDs = s.Anchors, s.Labels, s.IDs
	for _, spec := range []string{"contrastive", "contrastive:distance=euclidean", "triplet", "margin", "smooth-ap", "histogram", "fast-ap"} {
		l, err := Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		got, grad := s.Run(l)
		if got.Value > 1e-6 {
			t.Errorf("%s: %g where classes are apart", spec, got.Value)
		}
		if slices.ContainsFunc(grad, func(g float32) bool { return math.Abs(float64(g)) > 1e-6 }) {
			t.Errorf("%s: a gradient where classes are apart", spec)
		}
	}
	// Now each row's neighbours are of other classes: the axes take turns.
	for i := range s.Labels {
		s.Labels[i] = int32(i % 4)
	}
	s.ColumnLabels = s.Labels
	for spec, least := range map[string]float64{"smooth-ap": 0.5, "histogram": 0.99, "fast-ap": 0.5} {
		l, err := Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := s.Run(l); got.Value < least {
			t.Errorf("%s: %g where neighbours are of other classes", spec, got.Value)
		}
	}
}

// The smoothed ranks tend to the true ones (Brown et al., section 3.2).
func TestSmoothAPTendsToAveragePrecision(t *testing.T) {
	s := twin.Random(rand.New(rand.NewPCG(6, 1)), 10, 80, 5, 4)
	v := s.View(twin.Wide(s.Anchors), nil)
	var want, count float64
	for i := range v.S {
		pos, neg := v.Sides(i)
		if len(pos) == 0 {
			continue
		}
		above := func(xs []float64, s float64) (n float64) {
			for _, x := range xs {
				if x > s {
					n++
				}
			}
			return n
		}
		var precision float64
		for _, p := range pos {
			among := 1 + above(pos, p)
			precision += among / (among + above(neg, p)) / float64(len(pos))
		}
		want += 1 - precision
		count++
	}
	if got, _ := s.Run(&SmoothAP{Temperature: 1e-7}); math.Abs(got.Value-want/count) > 1e-3 {
		t.Errorf("%g, by true ranks %g", got.Value, want/count)
	}
}

// Shuffling the columns, and giving the classes other numbers, changes nothing
// but the order of sums.
func TestOrderAndNamesDoNotMatter(t *testing.T) {
	for name, c := range lossCases() {
		if name == "n-pairs" {
			continue // it takes the first of each class
		}
		s := twin.Random(rand.New(rand.NewPCG(9, 9)), 20, 900, 8, 12)
		before, grad := s.Run(c.loss())
		rng := rand.New(rand.NewPCG(2, 2))
		place := rng.Perm(900)
		shuffled := s
		shuffled.Columns, shuffled.ColumnLabels = make([]float32, len(s.Columns)), make([]int32, 900)
		shuffled.ColumnIDs, shuffled.Own = make([]int64, 900), slices.Clone(s.Own)
		shuffled.Labels = slices.Clone(s.Labels)
		for j, to := range place {
			copy(shuffled.Columns[to*8:(to+1)*8], s.Columns[j*8:(j+1)*8])
			shuffled.ColumnLabels[to] = 100 - s.ColumnLabels[j]
			shuffled.ColumnIDs[to] = s.ColumnIDs[j]
		}
		for i := range s.Labels {
			shuffled.Labels[i] = 100 - s.Labels[i]
			if s.Own[i] >= 0 {
				shuffled.Own[i] = place[s.Own[i]]
			}
		}
		after, grad2 := shuffled.Run(c.loss())
		if math.Abs(after.Value-before.Value) > 1e-6*before.Value || after.Positives != before.Positives || after.Copies != before.Copies {
			t.Errorf("%s: %+v before, %+v after", name, before, after)
		}
		if err := twin.Relative(grad2, twin.Wide(grad)); err > 1e-5 {
			t.Errorf("%s: the gradient changed by %g", name, err)
		}
	}
}
