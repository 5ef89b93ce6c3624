package trainer

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"crossbatch/trainer/ranks"
)

func TestARefusedTrainingLetsGoOfItsEncoders(t *testing.T) {
	t.Parallel()
	encoders := make([]*splitting, 2)
	_, err := together(t, len(encoders), func(r *Run) {
		e := &splitting{linear: r.Encoder.(*linear)}
		encoders[r.Comm.Rank()], r.Encoder = e, e
		r.Config.Seed = 1 + uint64(r.Comm.Rank())
	})
	if err == nil {
		t.Error("ranks of other seeds train together")
	}
	for rank, e := range encoders {
		if e.parts != 1 {
			t.Errorf("rank %d: the encoder still works on a part of %d", rank, e.parts)
		}
	}
}

// A rank that is told to stop has all stop after the same step, with the state kept.
func TestStoppingOneRankStopsAll(t *testing.T) {
	t.Parallel()
	done := make([]int64, 3)
	saved := int64(-1)
	_ = ranks.Local(3, func(c ranks.Comm) error {
		r, _ := barsRun(t)
		r.Config.Batch.Size, r.Config.Batch.PerClass = 24, 4
		r.Comm = c
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		r.Progress = func(p Progress) {
			if c.Rank() == 1 && p.Last.Step == 7 {
				cancel()
			}
		}
		if c.Rank() == 0 {
			r.Checkpoint = func(step int64, _ bool) error { saved = step; return nil }
		}
		training, err := Prepare(r)
		if err != nil {
			return err
		}
		_, err = training.Train(ctx)
		if !errors.Is(err, context.Canceled) || !ranks.IsShared(err) {
			t.Errorf("rank %d: %v", c.Rank(), err)
		}
		done[c.Rank()] = training.Done()
		return err
	})
	if done[0] != done[1] || done[0] != done[2] || done[0] < 8 || saved != done[0] {
		t.Errorf("ranks stopped after %v steps, kept %d", done, saved)
	}
}

// Ranks that fall apart, as those on processors of different kinds do, are told of at the
// next validation.
func TestRanksThatFallApartAreStopped(t *testing.T) {
	t.Parallel()
	steps := int64(0)
	_, err := together(t, 2, func(r *Run) {
		net := r.Encoder.(*linear)
		r.Progress = func(p Progress) {
			if r.Comm.Rank() == 1 && p.Last.Step == 5 {
				net.weight[3] = math.Nextafter32(net.weight[3], 2)
			}
			if r.Comm.Rank() == 0 {
				steps = p.Last.Step + 1
			}
		}
	})
	if !ranks.IsShared(err) || !strings.Contains(err.Error(), "rank 1 of 2 has other weights") || steps != 20 {
		t.Errorf("after %d steps: %v", steps, err)
	}
}

// A rank that fails ends all, whatever they wait for.
func TestAFailingRankEndsAll(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	_, err := together(t, 3, func(r *Run) {
		r.Config.Batch.Size, r.Config.Batch.PerClass = 24, 4
		if r.Comm.Rank() == 2 {
			r.Progress = func(p Progress) {
				if p.Last.Step == 5 {
					panic(broken)
				}
			}
		}
	})
	if err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("got %v", err)
	}
}
