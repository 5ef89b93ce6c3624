package engine

import (
	"math"
	"testing"

	"crossbatch/xbm/pair"
)

func TestPartsDependOnTheShapeAlone(t *testing.T) {
	for _, c := range []struct{ n, m, dim, want int }{
		{1, 1, 1, 1}, {64, partTile, 8, 1}, {64, partTile + 1, 8, 2}, {64, 5 * partTile, 8, 5}, {64, 1 << 16, 128, mostParts},
		{512, 1 << 16, 512, mostPartial / (512 * 512)}, {4096, 1 << 16, 1024, 1},
	} {
		p := &pair.Problem{Dim: c.dim, Anchors: pair.Side{Labels: make([]int32, c.n)}, Columns: pair.Side{Labels: make([]int32, c.m)}}
		if got := parts(p); got != c.want {
			t.Errorf("%d anchors, %d columns of %d: %d parts, want %d", c.n, c.m, c.dim, got, c.want)
		}
	}
}

// Every negative is shown once, to the part that it lies in, and what is stored for it
// weighs its column: by products where many are, one by one where few are, and after a
// part's sum was scaled.
func TestTheSweepInParts(t *testing.T) {
	for name, of := range map[string]func(c int) float32{
		"all":  func(int) float32 { return 1 },
		"few":  func(c int) float32 { return map[bool]float32{true: 1}[c%200 == 3] },
		"none": func(int) float32 { return 0 },
	} {
		for _, shape := range []struct{ n, m int }{{3, 5}, {97, 390}, {200, 2000}} {
			p := problem(shape.n, shape.m, 6, 8)
			var e Engine
			if !e.gather(p, mostGathered) {
				t.Fatal("too many positives")
			}
			count := parts(p)
			sums, shown := make([]float32, count*shape.n*6), make([]int, shape.n*shape.m)
			last := make([]int, count*shape.n) // first column of the tile before
			e.sweepParts(p, count, sums, func(part int, r *pair.Row, w []float32) (stored int, keep float32) {
				keep = 1
				if at := &last[part*shape.n+r.Anchor]; *at < r.First {
					keep, *at = 0.5, r.First
				}
				for c, s := range r.Neg {
					if s > pair.NoPair {
						shown[r.Anchor*shape.m+r.Column(c)]++
						if w[c] = of(r.Column(c)) * s; w[c] != 0 {
							stored++
						}
					}
				}
				return stored, keep
			}, nil)
			tiles := (shape.m + partTile - 1) / partTile
			for i := range shape.n {
				want := make([]float64, count*6)
				for part := range count {
					for tile := part * tiles / count; tile < (part+1)*tiles/count; tile++ {
						if tile > 0 {
							for k := range 6 {
								want[part*6+k] /= 2
							}
						}
						for j := tile * partTile; j < min(shape.m, (tile+1)*partTile); j++ {
							if (p.Kind(i, j) == pair.KindNegative) != (shown[i*shape.m+j] == 1) || shown[i*shape.m+j] > 1 {
								t.Fatalf("%s, %+v: anchor %d, column %d was shown %d times", name, shape, i, j, shown[i*shape.m+j])
							}
							if shown[i*shape.m+j] == 0 {
								continue
							}
							row, s := p.Columns.Rows[j*6:][:6], 0.0
							for k, x := range row {
								s += float64(x) * float64(p.Anchors.Rows[i*6+k])
							}
							for k, x := range row {
								want[part*6+k] += float64(of(j)) * s * float64(x)
							}
						}
					}
				}
				for k, w := range want {
					if got := float64(sums[(k/6*shape.n+i)*6+k%6]); math.Abs(got-w) > 1e-4 {
						t.Fatalf("%s, %+v: the sum of anchor %d in part %d is %g, want %g", name, shape, i, k/6, got, w)
					}
				}
			}
		}
	}
}
