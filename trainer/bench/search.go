package bench

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"crossbatch/eval"
	"crossbatch/xbm/kernel"
)

// Search measures, for about the given time, the exact search of random unit rows among
// themselves, each row's k nearest others in order. Counted are 2·rows²·dim FLOP.
func Search(rows, dim, k int, about time.Duration) (Measurement, error) {
	if rows < 2 || dim < 1 {
		return Measurement{}, fmt.Errorf("%d rows of %d numbers: give at least 2 of at least 1", rows, dim)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	x := make([]float32, rows*dim)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	kernel.NormalizeRows(x, make([]float32, rows), x, dim)
	b := Measurement{Name: fmt.Sprintf("nearest %d", k), Shape: fmt.Sprintf("%d×%d", rows, dim)}
	err := b.measure(2*float64(rows)*float64(rows)*float64(dim), about, nil, func() error {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := eval.Search(x, dim, k, func(int, []int32) {})
		runtime.ReadMemStats(&after)
		b.ExtraBytes = max(b.ExtraBytes, after.TotalAlloc-before.TotalAlloc)
		return err
	})
	return b, err
}
