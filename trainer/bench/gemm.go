package bench

import (
	"fmt"
	"math/rand/v2"
	"time"

	"crossbatch/xbm/kernel"
)

// Products measures, for about the given time each, products of an m×k and a k×n matrix,
// whose shapes are m, k and n, and hands each to told as it comes.
func Products(shapes []Shape, about time.Duration, told func(Measurement) error) error {
	for _, s := range shapes {
		b, err := gemm(s[0], s[1], s[2], about)
		if err != nil {
			return err
		}
		if err := told(b); err != nil {
			return err
		}
	}
	return nil
}

func gemm(m, k, n int, about time.Duration) (Measurement, error) {
	rng := rand.New(rand.NewPCG(1, 1))
	draw := func(rows, cols int) kernel.Mat {
		x := make([]float32, rows*cols)
		for i := range x {
			x[i] = rng.Float32()
		}
		return kernel.Mat{Data: x, Stride: cols}
	}
	x, y, z := draw(m, k), draw(k, n), draw(m, n)
	b := Measurement{Name: "gemm", Shape: fmt.Sprintf("%d×%d×%d", m, k, n)}
	err := b.measure(2*float64(m)*float64(n)*float64(k), about, nil, func() error {
		kernel.Gemm(m, n, k, 1, x, y, 0, z)
		return nil
	})
	return b, err
}
