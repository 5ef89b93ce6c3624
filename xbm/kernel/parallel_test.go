package kernel

import (
	"runtime"
	"sync/atomic"
	"testing"
)

func TestParallelCallsEachOnce(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, procs := range []int{1, 2, 3, 8} {
		runtime.GOMAXPROCS(procs)
		for _, n := range []int{0, 1, 2, 7, 1000} {
			calls := make([]atomic.Int32, n)
			Parallel(n, func(i int) { calls[i].Add(1) })
			for i := range calls {
				if c := calls[i].Load(); c != 1 {
					t.Fatalf("%d processors, n %d: %d called %d times", procs, n, i, c)
				}
			}
		}
	}
}

func TestParallelNested(t *testing.T) {
	var sum atomic.Int64
	Parallel(5, func(i int) {
		Parallel(7, func(j int) { sum.Add(int64(i*7 + j)) })
	})
	if got := sum.Load(); got != 35*34/2 {
		t.Errorf("sum %d", got)
	}
}
