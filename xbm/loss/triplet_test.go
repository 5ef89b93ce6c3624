package loss

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

func tripletTwin(l Triplet) twinTerms {
	return func(v *twin.View, t *terms) {
		apart := func(s float64) float64 {
			if l.Euclidean {
				return twin.Distance(s)
			}
			return -s
		}
		v.Triplets(func(i, p, n int) {
			far := apart(v.S[i][n])
			if l.Swap {
				far = math.Min(far, apart(v.S[p][n]))
			}
			x := apart(v.S[i][p]) - far + l.Margin
			loss := math.Max(0, x)
			if l.Smooth {
				loss = softplus(x)
			}
			t.add(0, loss, loss > 0)
		})
	}
}

func TestTripletSwap(t *testing.T) {
	for _, l := range []Triplet{{Euclidean: true, Margin: 0.3, Swap: true}, {Margin: 0.5, Swap: true}, {Euclidean: true, Margin: 0.1, Swap: true, Smooth: true}} {
		s := twin.Random(rand.New(rand.NewPCG(3, 3)), 14, -1, 5, 4)
		loss := l
		got, grad := s.Run(&loss)
		tw := tripletTwin(l).by(OverActive)
		if want := s.Value(tw, nil); math.Abs(got.Value-want) > twin.Tolerance*want {
			t.Errorf("%+v: value %g, the twin's is %g", l, got.Value, want)
		}
		if err := twin.Relative(grad, s.Gradient(tw, nil)); err > twin.Tolerance {
			t.Errorf("%+v: gradient is off the twin's by %g", l, err)
		}
		if err := pair.TraitsOf(&pair.Mined{Miner: &miner.EasyHard{}, Loss: &loss}).BatchOnly; err == nil || !strings.Contains(err.Error(), "within a batch only") {
			t.Errorf("against a memory: %v", err)
		}
	}
	if err := pair.TraitsOf(&Triplet{}).BatchOnly; err != nil {
		t.Error(err)
	}
}

// Over an interval of length 2 the polynomials are as good as the sums that they
// stand for.
func TestChebyshevStandsForTheSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 9))
	cosines := chebyshevCosines()
	var moments chebyshev
	var points []float64
	for range 1000 {
		y := 2*rng.Float64() - 1
		points = append(points, y)
		moments.add(y)
	}
	weights, nodes := moments.weights(&cosines), chebyshevNodes()
	for _, x := range []float64{-1, 0, 1.7, 4} {
		var want, got float64
		for _, y := range points {
			want += softplus(x - y)
		}
		var values [chebyshevTerms]float64
		for j, y := range nodes {
			got += weights[j] * softplus(x-y)
			values[j] = sigmoid(x - y)
		}
		if math.Abs(got-want) > 1e-9*want {
			t.Errorf("sum at %g: %g, want %g", x, got, want)
		}
		var curve chebyshev
		curve.fit(&values, &cosines)
		for _, y := range points[:50] {
			if want := sigmoid(x - y); math.Abs(curve.at(y)-want) > 1e-9 {
				t.Errorf("curve at %g: %g, want %g", y, curve.at(y), want)
			}
		}
	}
}
