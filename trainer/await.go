package trainer

import "context"

// Await calls f on a goroutine and returns its result or, if ctx ends first, ctx's error. In
// that case f goes on, and its result is lost: f must do no harm after Await has returned.
func Await[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
