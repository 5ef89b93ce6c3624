package study

import (
	"fmt"
	"math"

	"crossbatch/trainer"
)

// Equal says what all cells of a grid have the same number of: steps or images.
type Equal string

const (
	// EqualSteps is the default. A cell with a larger batch sees more images.
	EqualSteps Equal = "steps"
	// EqualImages gives all cells the same number of images: the numbers of steps in the base
	// configuration hold for its batch size, and are scaled for others, see [Scale].
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

// Scale multiplies these numbers of steps in c by factor: Steps, the memory's Start, Ramp and
// MaxAge, Warmup, and the intervals ValidateEvery, InspectEvery, DriftEvery and
// DirectionEvery. A number that is at least 1 stays at least 1. StartAuto stays as it is, as
// do AgeTau and the cure's interval, which are about how fast the network changes.
func Scale(c trainer.Config, factor float64) trainer.Config {
	scale := func(steps int64) int64 {
		if steps <= 0 {
			return steps
		}
		return max(1, int64(math.Round(factor*float64(steps))))
	}
	for _, at := range []*int64{&c.Steps, &c.Memory.Ramp, &c.Optimizer.Warmup, &c.Watch.ValidateEvery, &c.Watch.InspectEvery, &c.Watch.DriftEvery, &c.Watch.DirectionEvery, &c.Memory.MaxAge} {
		*at = scale(*at)
	}
	if c.Memory.Start != trainer.StartAuto {
		c.Memory.Start = trainer.Start(scale(int64(c.Memory.Start)))
	}
	return c
}
