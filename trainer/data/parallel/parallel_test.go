package parallel

import (
	"errors"
	"fmt"
	"testing"
)

func TestEachRunsEachOnce(t *testing.T) {
	for _, n := range []int{0, 1, 2, 1000} {
		times := make([]int, n)
		if err := Each(n, func(i int) error { times[i]++; return nil }); err != nil {
			t.Fatal(err)
		}
		for i, got := range times {
			if got != 1 {
				t.Errorf("n %d: work(%d) ran %d times", n, i, got)
			}
		}
	}
}

func TestEachReturnsTheLowestError(t *testing.T) {
	early := errors.New("early")
	for range 50 {
		err := Each(500, func(i int) error {
			switch {
			case i == 20:
				return early
			case i > 20 && i%3 == 0:
				return fmt.Errorf("late %d", i)
			}
			return nil
		})
		if err != early {
			t.Fatalf("got %v", err)
		}
	}
}
