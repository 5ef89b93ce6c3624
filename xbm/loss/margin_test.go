package loss

import (
	"math"
	"math/rand/v2"
	"testing"

	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

// marginTwin goes over all triplets, as the definition does.
func marginTwin(margin, beta float64) twinTerms {
	return func(v *twin.View, t *terms) {
		v.Triplets(func(i, p, n int) {
			t.add(0, twin.Distance(v.S[i][p])-beta+margin, twin.Distance(v.S[i][p])-beta+margin > 0)
			t.add(0, beta-twin.Distance(v.S[i][n])+margin, beta-twin.Distance(v.S[i][n])+margin > 0)
			t.all[0]-- // the two are of one triplet
		})
	}
}

// A learned boundary has the gradient of the value.
func TestMarginLearnsBeta(t *testing.T) {
	s := twin.Random(rand.New(rand.NewPCG(6, 6)), 12, 40, 5, 4)
	l := &Margin{Margin: 0.2, Beta: 1.2, LearnBeta: true, Nu: 0.3}
	learned := pair.Params(&pair.Mined{Miner: &miner.EasyHard{Pos: miner.All, Neg: miner.All}, Loss: l})[0]
	value := func(beta float64) float64 { return s.Value(marginTwin(0.2, beta).by(OverActive), nil) + 0.3*beta }
	learned.Value[0] = 1.1
	got, _ := s.Run(l)
	if want := value(1.1); math.Abs(got.Value-want) > twin.Tolerance*want {
		t.Errorf("value %g, want %g", got.Value, want)
	}
	if want := (value(1.1+1e-6) - value(1.1-1e-6)) / 2e-6; math.Abs(float64(learned.Grad[0])-want) > 1e-3*math.Abs(want) {
		t.Errorf("gradient %g, want %g", learned.Grad[0], want)
	}
	if pair.Params(NewMargin()) != nil {
		t.Error("a fixed beta is to be learnt")
	}
}

// A negative just as far as boundary and margin has no weight, whichever way is taken.
func TestMarginIsMetExactly(t *testing.T) {
	s := twin.Sample{
		Dim: 2, Anchors: []float32{1, 0}, Labels: []int32{1}, IDs: []int64{1}, Own: []int{-1},
		Columns: []float32{0.6, 0.8, 0, 1, 0.8, -0.6}, ColumnLabels: []int32{1, 2, 2}, ColumnIDs: []int64{2, 3, 4},
	}
	l := &Margin{Beta: math.Sqrt(2)}
	for _, plain := range []bool{false, true} {
		sum, d := s.RunWith(l, plain, func(*pair.Side) {})
		// Of the other negative alone: w = -1 times ∂d/∂s = -1/d, and (0, -0.6) across the anchor.
		if want := -0.6 / math.Sqrt(0.4); sum.ActiveNegatives != 1 || math.Abs(float64(d[0])) > 1e-6 || math.Abs(float64(d[1])-want) > 1e-6 {
			t.Errorf("plain %v: %+v, gradient %v, want %g", plain, sum, d, want)
		}
	}
}
