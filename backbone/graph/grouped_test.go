package graph

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// In groups a convolution is the same as image by image: outputs and the
// gradient of the input to the bit, that of the weights but for the order of sums.
func TestGroupedConvolution(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 9))
	for _, shape := range []struct{ batch, channels, height, width, filters, kernel, stride, pad int }{
		{7, 3, 5, 4, 6, 3, 1, 1}, {1, 2, 3, 3, 2, 3, 2, 1}, {70, 1, 4, 4, 3, 1, 2, 0}, {300, 2, 1, 1, 5, 1, 1, 0},
	} {
		c := &convolver{
			window:  newWindow(shape.channels, shape.height, shape.width, shape.kernel, shape.stride, shape.pad),
			batch:   shape.batch,
			filters: shape.filters,
			scratch: &Scratch{},
		}
		x := normals(rng, c.batch*c.channels*c.height*c.width)
		weight, bias := normals(rng, c.filters*c.rows()), normals(rng, c.filters)
		dy := normals(rng, c.batch*c.filters*c.columns())
		got, want := make([]float32, len(dy)), make([]float32, len(dy))
		for _, in := range [][][]float32{{x, weight}, {x, weight, bias}} {
			c.forward(want, in)
			c.forwardGrouped(got, in)
			wide := make([]float64, len(want))
			for i, v := range want {
				wide[i] = float64(v)
			}
			if d := apart(got, wide, norm(wide)); d > 1e-6 || len(in) == 2 && !slices.Equal(got, want) {
				t.Errorf("%+v, %d inputs: %g apart", shape, len(in), d)
			}
		}
		got, want = make([]float32, len(x)), make([]float32, len(x))
		c.inputGradient(want, [][]float32{dy, weight})
		c.inputGradientGrouped(got, [][]float32{dy, weight})
		if !slices.Equal(got, want) {
			t.Errorf("%+v: other gradients of the input", shape)
		}
		got, want = make([]float32, len(weight)), make([]float32, len(weight))
		c.weightGradient(want, [][]float32{dy, x})
		c.weightGradientGrouped(got, [][]float32{dy, x})
		wide := make([]float64, len(want))
		for i, v := range want {
			wide[i] = float64(v)
		}
		if d := apart(got, wide, norm(wide)); d > 1e-5 {
			t.Errorf("%+v: gradients of the weights %g apart", shape, d)
		}
	}
}
