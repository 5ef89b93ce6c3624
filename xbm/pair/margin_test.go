package pair

import (
	"math"
	"math/rand/v2"
	"testing"
)

// marginTwin goes over all triplets, as the definition does.
func marginTwin(margin, beta float64) twin {
	return func(v *view) (value float64) {
		active := 0.0
		take := func(term float64) {
			if term > 0 {
				value += term
				active++
			}
		}
		v.triplets(func(i, p, n int) {
			take(distanceOf(v.s[i][p]) - beta + margin)
			take(beta - distanceOf(v.s[i][n]) + margin)
		})
		return value / math.Max(1, active)
	}
}

// A learned boundary has the gradient of the value.
func TestMarginLearnsBeta(t *testing.T) {
	s := randomSample(rand.New(rand.NewPCG(6, 6)), 12, 40, 5, 4)
	l := &Margin{Margin: 0.2, Beta: 1.2, LearnBeta: true, Nu: 0.3}
	learned := Params(&Mined{Miner: &EasyHardMiner{Pos: All, Neg: All}, Loss: l})[0]
	value := func(beta float64) float64 { return s.value(marginTwin(0.2, beta), wide(s.anchors)) + 0.3*beta }
	learned.Value[0] = 1.1
	got, _ := s.run(l)
	if want := value(1.1); math.Abs(got.Value-want) > tolerance*want {
		t.Errorf("value %g, want %g", got.Value, want)
	}
	if want := (value(1.1+1e-6) - value(1.1-1e-6)) / 2e-6; math.Abs(float64(learned.Grad[0])-want) > 1e-3*math.Abs(want) {
		t.Errorf("gradient %g, want %g", learned.Grad[0], want)
	}
	if Params(NewMargin()) != nil {
		t.Error("a fixed beta is to be learnt")
	}
}
