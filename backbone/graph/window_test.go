package graph

import (
	"math"
	"math/rand/v2"
	"testing"
)

// unfold stores what the definition says, and fold is its transpose:
// ⟨unfold(x), y⟩ = ⟨x, fold(y)⟩ for any x and y.
func TestWindow(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		kernel := 1 + rng.IntN(5)
		stride, pad := 1+rng.IntN(3), rng.IntN(5)
		least := max(1, kernel-2*pad)
		w := newWindow(1+rng.IntN(2), least+rng.IntN(6), least+rng.IntN(6), kernel, stride, pad)

		x := normals(rng, w.channels*w.height*w.width)
		col := normals(rng, w.rows()*w.columns()) // unfold must overwrite all of it
		w.unfold(col, w.columns(), x)
		for i, got := range col {
			r, ox, oy := i/w.columns(), i%w.outWidth, i%w.columns()/w.outWidth
			c, ky, kx := r/kernel/kernel, r/kernel%kernel, r%kernel
			y, x0 := oy*stride+ky-pad, ox*stride+kx-pad
			var want float32
			if y >= 0 && y < w.height && x0 >= 0 && x0 < w.width {
				want = x[(c*w.height+y)*w.width+x0]
			}
			if got != want {
				t.Fatalf("%+v: row %d, column %d: %g, want %g", w, r, i%w.columns(), got, want)
			}
		}

		y := normals(rng, len(col))
		left := product(col, y)
		image := normals(rng, len(x)) // fold must overwrite all of it
		w.fold(image, y, w.columns())
		if right := product(x, image); math.Abs(left-right) > 1e-5*(1+norm(col)*norm(x)) {
			t.Fatalf("%+v: ⟨unfold(x), y⟩ = %g, ⟨x, fold(y)⟩ = %g", w, left, right)
		}
	}
}

func product(a, b []float32) float64 {
	var sum float64
	for i, x := range a {
		sum += float64(x) * float64(b[i])
	}
	return sum
}
