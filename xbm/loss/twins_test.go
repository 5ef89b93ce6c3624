package loss

import (
	"math"
	"math/rand/v2"
	"testing"

	"crossbatch/xbm/internal/twin"
)

func TestLossesEqualTheirTwins(t *testing.T) {
	shapes := []struct{ n, m, dim, classes int }{
		{7, -1, 5, 3}, {12, -1, 8, 4}, {1, -1, 3, 1}, {5, -1, 4, 5}, {6, -1, 4, 1},
		{7, 9, 5, 3}, {3, 1, 2, 2}, {4, 0, 3, 2}, {5, 40, 6, 100}, {35, 30, 3, 4},
	}
	for name, c := range lossCases() {
		for i, shape := range shapes {
			for _, keep := range []bool{false, true} {
				rng := rand.New(rand.NewPCG(uint64(i), 7))
				s := twin.Random(rng, shape.n, shape.m, shape.dim, shape.classes)
				s.KeepCopies = keep
				summary, grad := s.Run(c.loss())
				want := s.Value(c.twin, nil)
				if err := math.Abs(summary.Value-want) / math.Max(math.Abs(want), 1e-8); err > twin.Tolerance {
					t.Errorf("%s %+v: value %g, the twin's is %g", name, shape, summary.Value, want)
				}
				if err := twin.Relative(grad, s.Gradient(c.twin, nil)); err > twin.Tolerance {
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
			s := twin.Random(rand.New(rand.NewPCG(3, 4)), shape.n, shape.m, 6, shape.classes)
			summary, _ := s.Run(c.loss())
			if want := s.Value(c.twin, nil); math.Abs(summary.Value-want) > twin.Tolerance*want {
				t.Errorf("%s %+v: value %g, the twin's is %g", name, shape, summary.Value, want)
			}
		}
	}
}
