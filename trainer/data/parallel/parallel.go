// Package parallel runs independent pieces of work on all processors.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Each calls work(0) … work(n-1), each once, on as many goroutines as there are processors,
// and returns when all have returned. A call must write only to what belongs to its index:
// then the result does not depend on the number of processors. If calls fail, it returns the
// error of the lowest index, and later calls may be left out.
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
