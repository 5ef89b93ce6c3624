// Package parallel runs independent pieces of work on all processors.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Each calls work(0) … work(n-1), each once, on as many goroutines as there are
// processors, and returns the error of the lowest index that failed. Every call must
// write only to what belongs to its index; then the outcome is the same for any
// number of processors.
func Each(n int, work func(i int) error) error {
	var (
		next   atomic.Int64
		group  sync.WaitGroup
		mu     sync.Mutex
		failed = n
		first  error
	)
	for range min(runtime.GOMAXPROCS(0), n) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				err := work(i)
				if err == nil {
					continue
				}
				mu.Lock()
				if i < failed {
					failed, first = i, err
				}
				mu.Unlock()
				return
			}
		})
	}
	group.Wait()
	return first
}
