package kernel

import (
	"runtime"
	"sync"
	"time"
)

// Peak returns the GFLOP/s that GOMAXPROCS cores reach together in the register
// tile of a product, its operands in the first-level cache: what a product could
// reach at best. It keeps the cores busy for d.
func Peak(d time.Duration) float64 {
	var total float64
	var lock sync.Mutex
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			speed := native.peak(d)
			lock.Lock()
			defer lock.Unlock()
			total += speed
		})
	}
	wg.Wait()
	return total
}

// peak is Peak on one core.
func (kd kind) peak(d time.Duration) float64 {
	const k = 128
	rows, cols := kd.tile()
	x := view{data: make([]float32, rows*k), row: 1, col: rows}
	y := view{data: make([]float32, k*cols), row: cols, col: 1}
	z := view{data: make([]float32, rows*cols), row: cols, col: 1}
	tiles := 0
	start := time.Now()
	for time.Since(start) < d {
		for range 100 {
			kd.panel(rows, cols, k, 1, x, y, 0, z)
		}
		tiles += 100
	}
	return float64(tiles*2*rows*cols*k) / float64(time.Since(start).Nanoseconds())
}
