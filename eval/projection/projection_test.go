package projection

import (
	"math"
	"math/rand/v2"
	"testing"

	"crossbatch/eval"
	"crossbatch/xbm/kernel"
)

// Distances stay within the error that the dimensions leave.
func TestProjectionKeepsDistances(t *testing.T) {
	rng := rand.New(rand.NewPCG(47, 1))
	const n, from, to = 12, 3000, 400
	rows, projected := make([]float32, n*from), make([]float32, n*to)
	for i := range rows {
		rows[i] = rng.Float32()
	}
	eval.Normalize(rows, from)
	if square := kernel.SquaredDistance(make([]float32, from), rows[:from]); math.Abs(square-1) > 1e-5 {
		t.Errorf("a row of length² %g", square)
	}
	NewRandom(from, to, 1).Project(projected, rows)
	var worst float64
	for i := range n {
		for j := range i {
			ratio := kernel.SquaredDistance(projected[i*to:(i+1)*to], projected[j*to:(j+1)*to]) / kernel.SquaredDistance(rows[i*from:(i+1)*from], rows[j*from:(j+1)*from])
			worst = max(worst, math.Abs(ratio-1))
		}
	}
	if worst > 5*math.Sqrt(2./to) {
		t.Errorf("a square is off by %g, expected about %g", worst, math.Sqrt(2./to))
	}
}
