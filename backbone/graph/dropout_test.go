package graph

import (
	"math"
	"slices"
	"testing"

	"crossbatch/backbone/network"
)

// A pass leaves out its share, scales the rest, and sends the gradient the same
// way; the next pass leaves out others, and embedding none.
func TestDropout(t *testing.T) {
	const share = 0.25
	shape := []int{8, 500}
	x := make([]float32, network.Elements(shape))
	for i := range x {
		x[i] = 1
	}
	l := newLayerTest(t, x, shape, true, func(b *network.Builder, x network.Value) network.Value {
		y := b.Dropout(x, share, 0)
		b.Count(y, "dropout")
		return y
	})
	var passes [2][]float32
	for k := range passes {
		err := l.graph.Step(func(dy, y []float32) error {
			passes[k] = slices.Clone(y)
			for i := range dy {
				dy[i] = 2
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		zeros := 0
		for i, v := range passes[k] {
			if v != 0 && math.Abs(float64(v)-1/(1-share)) > 1e-6 {
				t.Fatalf("element %d is %g", i, v)
			}
			if v == 0 {
				zeros++
			}
			if grad := l.all[0].grad[i]; grad != 2*v {
				t.Fatalf("gradient %d is %g, want %g", i, grad, 2*v)
			}
		}
		if got := float64(zeros) / float64(len(x)); math.Abs(got-share) > 0.03 {
			t.Errorf("pass %d leaves out %g", k, got)
		}
	}
	if slices.Equal(passes[0], passes[1]) {
		t.Error("two passes leave out the same")
	}
}
