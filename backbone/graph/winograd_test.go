package graph

import (
	"math/rand/v2"
	"testing"
)

// By tiles a convolution is the same as by unfolding, but for rounding.
func TestTiledConvolution(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 10))
	for _, shape := range []struct{ batch, channels, height, width, filters int }{
		{7, 3, 5, 4, 6}, {1, 2, 3, 3, 2}, {3, 17, 2, 2, 16}, {70, 16, 4, 4, 33}, {2, 20, 7, 9, 18}, {2, 64, 16, 16, 64}, {300, 1, 2, 3, 5},
	} {
		c := &convolver{
			window:  newWindow(shape.channels, shape.height, shape.width, 3, 1, 1),
			batch:   shape.batch,
			filters: shape.filters,
			scratch: &Scratch{},
		}
		x := normals(rng, c.batch*c.channels*c.height*c.width)
		weight, bias := normals(rng, c.filters*c.rows()), normals(rng, c.filters)
		dy := normals(rng, c.batch*c.filters*c.columns())
		for name, f := range map[string]struct {
			plain, tiled func(dst []float32, in [][]float32)
			size         int
			in           [][]float32
		}{
			"output":           {c.forward, c.forwardTiled, len(dy), [][]float32{x, weight}},
			"output with bias": {c.forward, c.forwardTiled, len(dy), [][]float32{x, weight, bias}},
			"input gradient":   {c.inputGradient, c.inputGradientTiled, len(x), [][]float32{dy, weight}},
			"weight gradient":  {c.weightGradient, c.weightGradientTiled, len(weight), [][]float32{dy, x}},
		} {
			got, want := normals(rng, f.size), make([]float32, f.size)
			f.plain(want, f.in)
			f.tiled(got, f.in)
			if d := apart(got, wide(want), norm(wide(want))); d > 1e-5 {
				t.Errorf("%+v: %s %g apart", shape, name, d)
			}
		}
	}
}

func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
