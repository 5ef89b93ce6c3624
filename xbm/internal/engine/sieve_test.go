package engine

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// steep is a problem in which many similarities lie within rounding of 0.5, and the
// numbers are such as bfloat16 rounds the farthest.
func steep(n, m, dim int) *pair.Problem {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(m)))
	worst := func(x []float32) {
		for i := range x {
			x[i] = math.Float32frombits(math.Float32bits(float32(rng.NormFloat64()))&^0xffff + 0x7fff + uint32(rng.IntN(3)))
		}
	}
	p := problem(n, m, dim, 1000)
	worst(p.Anchors.Rows)
	kernel.NormalizeRows(p.Anchors.Rows, make([]float32, n), p.Anchors.Rows, dim)
	worst(p.Columns.Rows)
	for j := range m {
		row, a := p.Columns.Rows[j*dim:(j+1)*dim], p.Anchors.Rows[j%n*dim:][:dim]
		if j%7 > 0 {
			continue
		}
		// Half of a, and the rest at a right angle to it.
		kernel.Axpy(row, -kernel.Dot(row, a), a)
		kernel.Scale(row, float32(math.Sqrt(0.75/float64(kernel.Dot(row, row)))), row)
		kernel.Axpy(row, 0.5+float32(rng.IntN(5)-2)*0x1p-12, a)
	}
	kernel.NormalizeRows(p.Columns.Rows, make([]float32, m), p.Columns.Rows, dim)
	return p
}

// What is above the bound has the bits that it has without a sieve, be it by the least.
func TestTheSieveLosesNothing(t *testing.T) {
	for _, shape := range []struct{ n, m, dim int }{{3, 50, 20}, {64, 1000, 64}, {100, 800, 130}, {5, 900, 400}} {
		p := steep(shape.n, shape.m, shape.dim)
		e := Engine{Sieve: AlwaysSieve}
		if !e.gather(p, mostGathered) {
			t.Fatal("too many positives")
		}
		seen := func(sv *sieve) (above []float32, rows int) {
			above = make([]float32, shape.n*shape.m)
			e.sweepParts(p, 1, nil, func(_ int, r *pair.Row, _ []float32) (int, float32) {
				for c, s := range r.Neg {
					if s > 0.5 {
						above[r.Anchor*shape.m+r.Column(c)] = s
					}
				}
				if r.Anchor == 0 {
					rows++
				}
				return 0, 1
			}, sv)
			return above, rows
		}
		want, _ := seen(nil)
		got, _ := seen(&sieve{leaveOut: true, bound: func(int, int) float32 { return 0.5 }})
		if !slices.Equal(got, want) {
			t.Errorf("%+v: the sieve lost pairs above the bound", shape)
		}
		if _, rows := seen(&sieve{leaveOut: true, bound: func(int, int) float32 { return float32(math.Inf(1)) }}); rows > 0 {
			t.Errorf("%+v: %d rows without a pair were shown", shape, rows)
		}
	}
}
