package study

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

func TestRunGoesOnAfterAFailure(t *testing.T) {
	broken := errors.New("broken")
	for _, jobs := range []int{1, 3, 50} {
		var ran atomic.Int64
		errs := pool(t.Context(), 20, jobs, func(_ context.Context, i int) error {
			ran.Add(1)
			if i == 7 {
				return broken
			}
			return nil
		})
		for i, err := range errs {
			if (i == 7) != errors.Is(err, broken) {
				t.Errorf("%d jobs: %d: %v", jobs, i, err)
			}
		}
		if ran.Load() != 20 || len(errs) != 20 {
			t.Errorf("%d jobs: %d ran", jobs, ran.Load())
		}
	}
}

func TestRunKeepsToItsJobs(t *testing.T) {
	var mu sync.Mutex
	now, most := 0, 0
	full := make(chan struct{})
	pool(t.Context(), 30, 3, func(context.Context, int) error {
		mu.Lock()
		if now++; now > most {
			if most = now; most == 3 {
				close(full)
			}
		}
		mu.Unlock()
		<-full // nobody ends before three are at work
		mu.Lock()
		now--
		mu.Unlock()
		return nil
	})
	if most != 3 {
		t.Errorf("%d at once", most)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var ran atomic.Int64
	errs := pool(ctx, 10, 1, func(context.Context, int) error {
		if ran.Add(1) == 3 {
			cancel()
		}
		return nil
	})
	for i, err := range errs {
		if (i >= 3) != errors.Is(err, context.Canceled) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if ran.Load() != 3 {
		t.Errorf("%d ran", ran.Load())
	}
}
