package kernel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Parallel calls f(0) … f(n-1), each exactly once, on up to GOMAXPROCS
// goroutines, the caller's among them, and returns when all are done. The order
// is unspecified: for results that do not depend on it, each call must write
// where no other writes.
func Parallel(n int, f func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers <= 1 {
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			f(i)
		}
	}
	var wg sync.WaitGroup
	defer wg.Wait() // also if f panics on this goroutine
	for range workers - 1 {
		wg.Go(work)
	}
	work()
}
