package eval

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"crossbatch/xbm/kernel"
)

func BenchmarkSearch(b *testing.B) {
	const n, dim = 20000, 128
	rng := rand.New(rand.NewPCG(1, 1))
	x := make([]float32, n*dim)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	kernel.NormalizeRows(x, make([]float32, n), x, dim)
	for _, k := range []int{1, 11, 101, 1001} {
		b.Run(fmt.Sprintf("rows=%d/dim=%d/k=%d", n, dim, k), func(b *testing.B) {
			for b.Loop() {
				if err := Search(x, dim, k, func(int, []int32) {}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(2*float64(n)*float64(n)*dim*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

// Classes of thousands, of which all ranks are wanted.
func BenchmarkLargeClasses(b *testing.B) {
	const n, classes, dim = 10000, 5, 128
	rng := rand.New(rand.NewPCG(1, 1))
	labels, x := make([]int32, n), make([]float32, n*dim)
	for i := range x {
		if i%dim == 0 {
			labels[i/dim] = rng.Int32N(classes)
		}
		x[i] = float32(rng.NormFloat64()) / 20
		if label := int(labels[i/dim]); i%dim/8 == label {
			x[i]++
		}
	}
	kernel.NormalizeRows(x, make([]float32, n), x, dim)
	for _, full := range []bool{false, true} {
		b.Run(fmt.Sprintf("rows=%d/classes=%d/full=%v", n, classes, full), func(b *testing.B) {
			for b.Loop() {
				r := Retrieval{Dim: dim, Queries: x, QueryLabels: labels, Full: full}
				if _, err := r.Score(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "queries/s")
		})
	}
}
