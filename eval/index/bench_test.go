package index

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"crossbatch/xbm/kernel"
)

// BenchmarkMillion opens and searches 1,000,000 rows of 128: how many bytes of rows
// go by in a second, beside those that the processors read when they do nothing but
// add up squares.
func BenchmarkMillion(b *testing.B) {
	const n, dim, batch = 1_000_000, 128, 10_000
	rng := rand.New(rand.NewPCG(1, 1))
	for _, half := range []bool{false, true} {
		dir := filepath.Join(b.TempDir(), "index")
		w, err := Create(dir, Encoder{Hash: "x", Dim: dim}, Options{Half: half})
		if err != nil {
			b.Fatal(err)
		}
		rows, items := make([]float32, batch*dim), make([]Item, batch)
		for first := 0; first < n; first += batch {
			for i := range items {
				row := rows[i*dim : (i+1)*dim]
				for c := range row {
					row[c] = float32(rng.NormFloat64())
				}
				kernel.Scale(row, 1/float32(math.Sqrt(float64(kernel.SumSquares(row)))), row)
				items[i].Name = fmt.Sprint(first + i)
			}
			if err := w.Add(rows, items); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
		name := map[bool]string{false: "float32", true: "half"}[half]
		b.Run("open/"+name, func(b *testing.B) {
			for b.Loop() {
				x, err := Open(dir)
				if err = errors.Join(err, x.Close()); err != nil {
					b.Fatal(err)
				}
			}
		})
		x, err := Open(dir)
		if err != nil {
			b.Fatal(err)
		}
		all := x.mapped[rowsFile]
		for _, queries := range []int{1, 8, 64, 512} {
			b.Run(fmt.Sprintf("search/%s/queries=%d", name, queries), func(b *testing.B) {
				b.SetBytes(int64(len(all)))
				for b.Loop() {
					if _, err := x.Search(rows[:queries*dim], 10, Filter{}); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(queries*b.N)/b.Elapsed().Seconds(), "queries/s")
				b.ReportMetric(readSpeed(numbers[float32](all))/1e6, "read-MB/s")
			})
		}
		if err := x.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// readSpeed is how many bytes a second all processors read, the best of a few times.
func readSpeed(x []float32) float64 {
	threads := runtime.GOMAXPROCS(0)
	sums, best := make([]float32, threads), 0.0
	for range 5 {
		began := time.Now()
		kernel.Parallel(threads, func(t int) {
			share := len(x) / threads
			sums[t] = kernel.SumSquares(x[t*share:][:share])
		})
		best = max(best, float64(4*len(x))/time.Since(began).Seconds())
	}
	return best
}
