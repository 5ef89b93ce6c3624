// Package projection brings rows of many numbers to fewer: at random, so that distances
// stay ([Random]), by the directions in which they vary most ([PCA]), or to a plane, to be
// looked at ([UMAP]). The same seed gives the same rows for any number of threads.
package projection

import (
	"math"
	"math/rand/v2"

	"crossbatch/xbm/kernel"
)

// Random maps rows to fewer numbers at random, so that their distances stay,
// each but for a few percent: a relative error of √(2/to) of its square.
//
//	William B. Johnson, Joram Lindenstrauss. Extensions of Lipschitz Mappings into
//	a Hilbert Space. Contemporary Mathematics 26, 1984.
type Random struct {
	from, to int
	weights  []float32 // from × to
}

// NewRandom draws a projection of rows of from numbers to rows of to.
func NewRandom(from, to int, seed uint64) *Random {
	p := &Random{from: from, to: to, weights: make([]float32, from*to)}
	rng := rand.New(rand.NewPCG(seed, 0x71))
	scale := 1 / math.Sqrt(float64(to))
	for i := range p.weights {
		p.weights[i] = float32(scale * rng.NormFloat64())
	}
	return p
}

// Project stores the projections of rows (n×from) in dst (n×to).
func (p *Random) Project(dst, rows []float32) {
	kernel.Gemm(len(rows)/p.from, p.to, p.from, 1, kernel.Mat{Data: rows, Stride: p.from},
		kernel.Mat{Data: p.weights, Stride: p.to}, 0, kernel.Mat{Data: dst, Stride: p.to})
}
