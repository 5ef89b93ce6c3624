package loss

import (
	"math"
	"math/rand/v2"
	"testing"

	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/internal/twin"
)

func smoothAPTwin(temperature float64) twinTerms {
	return func(v *twin.View, t *terms) {
		for i := range v.S {
			pos, neg := v.Sides(i)
			if len(pos) == 0 {
				continue
			}
			ap := 0.0
			for j, p := range pos {
				among := 1.0
				for k, other := range pos {
					if k != j {
						among += sigmoid((other - p) / temperature)
					}
				}
				rank := among
				for _, n := range neg {
					rank += sigmoid((n - p) / temperature)
				}
				ap += among / rank / float64(len(pos))
			}
			t.add(0, 1-ap, true)
			if 1-ap <= rounding {
				t.active[0]--
			}
		}
	}
}

// At the least similarity no positive is near, and just above it hardly one is.
func TestSmoothAPLeast(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	skips := 0
	for range 2000 {
		l := SmoothAP{Temperature: math.Exp(4*rng.Float64() - 7)}
		a := smoothAPAnchor{}
		for range 1 + rng.IntN(3) {
			a.pos = append(a.pos, apart.Ranked{Sim: 2*rng.Float32() - 1})
		}
		a.pos.Sort()
		least := l.least(&a)
		if least > -1 {
			skips++
			if lo, hi := l.near(&a, least); lo != len(a.pos) || hi != lo {
				t.Fatalf("temperature %g: at %g the positives %v are near", l.Temperature, least, a.pos)
			}
		}
	}
	if skips < 500 {
		t.Errorf("only %d of 2000 anchors have negatives to skip", skips)
	}
}
