package bench

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"crossbatch/eval"
	"crossbatch/trainer/setting"
	"crossbatch/xbm/kernel"
)

// Neighbors is a search for nearest neighbours to be measured: random unit rows among
// themselves. Rows and Dim are needed.
type Neighbors struct {
	Rows, Dim int
	K         []int // neighbours of each row
}

// Measure measures, for about the given time each, the exact search for each row's k
// nearest others in order, for every k of K, and hands each to told as it comes. Counted
// are 2·rows²·dim FLOP.
func (n Neighbors) Measure(about time.Duration, told func(Measurement) error) error {
	if err := setting.Validate(n.Settings()); err != nil {
		return err
	}
	for _, k := range n.K {
		b, err := search(n.Rows, n.Dim, k, about)
		if err != nil {
			return err
		}
		if err := told(b); err != nil {
			return err
		}
	}
	return nil
}

func search(rows, dim, k int, about time.Duration) (Measurement, error) {
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
