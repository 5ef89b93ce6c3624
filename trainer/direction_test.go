package trainer

import (
	"math"
	"slices"
	"strings"
	"testing"

	"crossbatch/eval/event"
)

// directions trains and returns what was seen of them.
func directions(t *testing.T, change func(*Config)) (looks []event.Direction) {
	t.Helper()
	r, _ := barsRun(t)
	r.Config.Steps, r.Config.Memory.Start, r.Config.Watch.DirectionEvery = 21, 0, 5
	change(&r.Config)
	r.Metric = func(e event.Event) error {
		if d, ok := e.(event.Direction); ok {
			looks = append(looks, d)
		}
		return nil
	}
	train(t, r)
	return looks
}

// A memory that holds just the training set as the network would embed it now has just
// that gradient.
func TestAFreshMemoryPointsWhereTheSetDoes(t *testing.T) {
	looks := directions(t, func(c *Config) {
		c.Optimizer.LR, c.Memory.Prefill, c.Memory.Policy, c.Memory.Size = 1e-12, true, "keyed", "100%"
	})
	if len(looks) != 5 {
		t.Fatalf("%d looks, want those of steps 0, 5, 10, 15 and 20", len(looks))
	}
	for i, l := range looks {
		d := l.Direction
		if l.Step != int64(5*i) || d.Memory == nil || math.Abs(*d.Memory-1) > 1e-5 || *d.WithPositives != 1 {
			t.Errorf("%+v: want cosine 1 and all anchors with positives", l)
		}
		if d.Batch == nil || !(*d.FromMemory > 0 && *d.FromMemory < 1) || !(d.All > *d.Batch) {
			t.Errorf("step %d: %v of the batch, %v in all, %v from the memory", l.Step, d.Batch, d.All, d.FromMemory)
		}
	}
}

// A memory of a batch or two has positives for some anchors only, and points less there.
func TestASmallMemoryPointsElsewhere(t *testing.T) {
	for _, l := range directions(t, func(c *Config) { c.Memory.Size = "5" })[1:] {
		if d := l.Direction; *d.WithPositives >= 1 || *d.Memory > 0.99 {
			t.Errorf("step %d: %g of the anchors have positives, cosine %g", l.Step, *d.WithPositives, *d.Memory)
		}
	}
	for _, l := range directions(t, func(c *Config) { c.Memory.Size = "0" }) {
		if d := l.Direction; d.Memory != nil || d.FromMemory != nil || d.All == 0 {
			t.Errorf("without a memory: %+v", l)
		}
	}
}

// Without a memory the loss is that of the batch, whatever the memory's would be.
func TestWithoutAMemoryTheDirectionIsOfTheBatchsLoss(t *testing.T) {
	of := func(memoryLoss string) []event.Direction {
		return directions(t, func(c *Config) { c.Memory.Size, c.Loss.Memory = "0", memoryLoss })
	}
	want := of("")
	for _, memoryLoss := range []string{"margin:learn_beta=true", "triplet:swap=true"} {
		if got := of(memoryLoss); !slices.Equal(got, want) {
			t.Errorf("memory-loss %s: %v, want %v", memoryLoss, got, want)
		}
	}
}

func TestDirectionsAreRefused(t *testing.T) {
	for want, change := range map[string]func(*Config){
		`direction-every: loss is "arcface": it has weights for the classes`: func(c *Config) { c.Loss.Spec = "arcface" },
		`direction-every: loss is "triplet:swap=true": loss "triplet": swap`: func(c *Config) { c.Loss.Spec = "triplet:swap=true" },
	} {
		r, _ := barsRun(t)
		r.Config.Memory.Size, r.Config.Watch.DirectionEvery = "0", 5
		change(&r.Config)
		if _, err := Prepare(r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
