package ranks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// parts are numbers for each of some ranks, of very different sizes.
func parts[T Number](size, n int) [][]T {
	rng := rand.New(rand.NewPCG(uint64(size), uint64(n)))
	all := make([][]T, size)
	for rank := range all {
		all[rank] = make([]T, n)
		for i := range all[rank] {
			all[rank][i] = T(rng.NormFloat64() * math.Exp(8*rng.NormFloat64()))
		}
	}
	return all
}

// Add is the sum in the order of ranks, in 64 bits: the same bytes on every rank, short
// or long, whether or not the ranks divide the length.
func TestAddIsTheSumInOrder(t *testing.T) {
	t.Run("32", testAdd[float32])
	t.Run("64", testAdd[float64])
}

func testAdd[T Number](t *testing.T) {
	for _, size := range []int{1, 2, 3, 8} {
		for _, n := range []int{0, 1, 7, 1000, 40_001, long + 5} {
			if n > long && (size != 3 || testing.Short()) {
				continue
			}
			all := parts[T](size, n)
			want := make([]T, n)
			for i := range want {
				sum := 0.0
				for rank := range all {
					sum += float64(all[rank][i])
				}
				want[i] = T(sum)
			}
			err := Local(size, func(c Comm) error {
				a := Adder[T]{Comm: c}
				for range 2 { // its room is used again
					x := slices.Clone(all[c.Rank()])
					if err := a.Add(x); err != nil {
						return err
					}
					if !slices.Equal(x, want) {
						return fmt.Errorf("rank %d of %d: %d numbers: not the sum", c.Rank(), size, n)
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		}
	}
}

func TestCollectivesMoveWhatTheySay(t *testing.T) {
	err := Local(3, func(c Comm) error {
		me := byte(c.Rank())
		x := []byte{me, me}
		if err := c.Broadcast(x); err != nil || x[1] != 0 {
			return fmt.Errorf("broadcast gave %v, %v", x, err)
		}
		all := make([]byte, 6)
		if err := c.AllGather(all, []byte{me, 10 + me}); err != nil || !bytes.Equal(all, []byte{0, 10, 1, 11, 2, 12}) {
			return fmt.Errorf("all-gather gave %v, %v", all, err)
		}
		place := make([]byte, 3)
		place[me] = 7 + me
		if err := c.AllGather(place, place[me:][:1]); err != nil || !bytes.Equal(place, []byte{7, 8, 9}) {
			return fmt.Errorf("all-gather in place gave %v, %v", place, err)
		}
		to := make([]byte, 3)
		if err := c.AllToAll(to, []byte{10 * me, 10*me + 1, 10*me + 2}); err != nil || !bytes.Equal(to, []byte{me, 10 + me, 20 + me}) {
			return fmt.Errorf("all-to-all gave %v, %v", to, err)
		}
		return c.Barrier()
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRanksOutOfStepAreTold(t *testing.T) {
	err := Local(2, func(c Comm) error {
		if c.Rank() == 1 {
			return c.Barrier()
		}
		return c.Broadcast(make([]byte, 3))
	})
	if !errors.Is(err, errStep) {
		t.Errorf("got %v", err)
	}
	err = Local(2, func(c Comm) error { return c.AllGather(make([]byte, 3), make([]byte, 2)) })
	if err == nil {
		t.Error("lengths that do not fit were taken")
	}
}

func TestARankThatEndsEndsAll(t *testing.T) {
	broken := errors.New("broken")
	others := make([]error, 3)
	err := Local(3, func(c Comm) error {
		if c.Rank() == 1 {
			panic(broken)
		}
		others[c.Rank()] = c.Barrier()
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("Local gives %v", err)
	}
	for _, rank := range []int{0, 2} {
		if others[rank] == nil || !strings.Contains(others[rank].Error(), "rank 1 has ended") {
			t.Errorf("rank %d got %v", rank, others[rank])
		}
	}
}

// An error that one has, all have, and that of being told to stop is known as such.
func TestAgreeAndTell(t *testing.T) {
	long := errors.New(strings.Repeat("long ", 1000))
	for _, cause := range []error{nil, errors.New("no such file"), fmt.Errorf("stopped: %w", context.Canceled), long} {
		for _, from := range []int{0, 2} {
			_ = Local(3, func(c Comm) error {
				var own error
				if c.Rank() == from {
					own = cause
				}
				err := Agree(c, own)
				switch {
				case cause == nil && err == nil:
				case cause == nil || err == nil || !IsShared(err) || !strings.Contains(err.Error(), cause.Error()[:10]):
					t.Errorf("rank %d: agreed on %v, of %v", c.Rank(), err, cause)
				case errors.Is(err, context.Canceled) != errors.Is(cause, context.Canceled):
					t.Errorf("rank %d: %v has lost its cause", c.Rank(), err)
				}
				text, err := Tell(c, []byte(strings.Repeat("x", 5-c.Rank())), own)
				if from != 0 || cause == nil {
					if err != nil || string(text) != "xxxxx" {
						t.Errorf("rank %d: told %q, %v", c.Rank(), text, err)
					}
				} else if !IsShared(err) || errors.Is(err, context.Canceled) != errors.Is(cause, context.Canceled) {
					t.Errorf("rank %d: told %v", c.Rank(), err)
				}
				return nil
			})
		}
	}
	own := errors.New("own")
	if err := Agree(nil, own); err != own {
		t.Errorf("alone: %v", err)
	}
}

func BenchmarkAdd(b *testing.B) {
	for _, n := range []int{1 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("numbers=%d", n), func(b *testing.B) {
			b.SetBytes(int64(4 * n))
			err := Local(2, func(c Comm) error {
				a, x := Adder[float32]{Comm: c}, make([]float32, n)
				for range b.N {
					if err := a.Add(x); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		})
	}
}
