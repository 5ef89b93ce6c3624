package study

import (
	"fmt"
	"math"

	"crossbatch/trainer"
)

// Equal is what all cells of a grid have alike.
type Equal string

const (
	// EqualSteps is the default: a larger batch sees more images.
	EqualSteps Equal = "steps"
	// EqualImages scales the settings that count steps: those of the base
	// configuration are for its batch size.
	EqualImages Equal = "images"
)

func (e Equal) validate() error {
	if e != "" && e != EqualSteps && e != EqualImages {
		return fmt.Errorf("study: equal is %q: give %s or %s", string(e), EqualSteps, EqualImages)
	}
	return nil
}

// scale makes c, whose counts of steps are for batches of so many images, what it
// is for its own.
func (e Equal) scale(c trainer.Config, batch int) trainer.Config {
	if e != EqualImages || c.Batch.Size == batch {
		return c
	}
	return Scale(c, float64(batch)/float64(c.Batch.Size))
}

// Scale multiplies all of c that counts steps by a factor: the whole training, the
// memory's start and ramp, warm-up, the greatest age of a row, and what comes every so many steps. Whatever
// was at least one step stays so.
func Scale(c trainer.Config, factor float64) trainer.Config {
	scale := func(steps int64) int64 {
		if steps <= 0 {
			return steps
		}
		return max(1, int64(math.Round(factor*float64(steps))))
	}
	for _, at := range []*int64{&c.Steps, &c.Memory.Ramp, &c.Optimizer.Warmup, &c.Watch.ValidateEvery, &c.Watch.InspectEvery, &c.Watch.DriftEvery, &c.Memory.MaxAge} {
		*at = scale(*at)
	}
	if c.Memory.Start != trainer.StartAuto {
		c.Memory.Start = trainer.Start(scale(int64(c.Memory.Start)))
	}
	return c
}
