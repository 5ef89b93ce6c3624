package study

import (
	"context"
	"sync"
)

// pool calls run for each of n cells, so many at once, and returns their errors in
// the cells' order, nil for those without. One that fails does not stop the
// others. When ctx ends, those not begun have its error.
//
// The errgroup of golang.org/x/sync bounds goroutines too, but keeps the first error alone:
// it would be a dependency for five lines.
func pool(ctx context.Context, n, jobs int, run func(ctx context.Context, i int) error) []error {
	errs := make([]error, n)
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(jobs, n) {
		workers.Go(func() {
			for i := range next {
				if errs[i] = ctx.Err(); errs[i] == nil {
					errs[i] = run(ctx, i)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	workers.Wait()
	return errs
}
