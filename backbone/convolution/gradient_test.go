package convolution

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// The convolution is linear in images and in filters, so its gradients are exactly the
// transposes of it: plain loops say what they are.
func TestGradientsEqualTheirTwins(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.String(), func(t *testing.T) {
			for _, batch := range []int{1, 7} {
				rng := rand.New(rand.NewPCG(62, 1))
				h, w := s.Out()
				x := Images{normals(rng, batch*s.Height*s.Width*s.Channels), s.Channels}
				dy := Images{normals(rng, batch*h*w*(s.Filters+1)), s.Filters + 1}
				filters := normals(rng, s.Filters*s.inner())
				wantInput, wantWeight := make([]float64, len(x.Data)), make([]float64, len(filters))
				s.each(batch, func(out, f, in, c, weight int) {
					at := in*x.Step + c
					if s.Planes {
						plane := s.Height * s.Width
						at = (in/plane*s.Channels+c)*plane + in%plane
					}
					g := float64(dy.Data[out*dy.Step+f])
					wantInput[at] += g * float64(filters[weight])
					wantWeight[weight] += g * float64(x.Data[at])
				})
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
				var before [2][]float32
				for procs := 1; procs <= 3; procs++ {
					runtime.GOMAXPROCS(procs)
					c := New(s, &Scratch{})
					weight, input := make([]float32, len(filters)), make([]float32, len(x.Data))
					c.WeightGradient(weight, dy, x, batch)
					if off := apart(weight, wantWeight); !(off < 3e-6) {
						t.Fatalf("weights' gradient %g from the twin", off)
					}
					if !s.Planes {
						c.InputGradient(Images{input, s.Channels}, dy, batch, filters)
						if off := apart(input, wantInput); !(off < 3e-6) {
							t.Fatalf("images' gradient %g from the twin", off)
						}
					}
					if procs > 1 && (!slices.Equal(weight, before[0]) || !slices.Equal(input, before[1])) {
						t.Fatalf("%d cores give other bits", procs)
					}
					before = [2][]float32{weight, input}
				}
			}
		})
	}
}

// apart is how far x is from want, relative to its norm.
func apart(x []float32, want []float64) float64 {
	var off, size float64
	for i, v := range want {
		off += (float64(x[i]) - v) * (float64(x[i]) - v)
		size += v * v
	}
	return math.Sqrt(off / max(size, 1e-30))
}
