package trainer

import (
	"crossbatch/trainer/data"
	"crossbatch/xbm"
)

// compensator moves the rows of the memory after probes, as xbm.DriftCompensation
// says. It embeds them in evaluation mode, which leaves the network as it is.
type compensator struct {
	cure   xbm.DriftCompensation
	memory *xbm.CrossBatch
	probe  probe
}

// newCompensator returns what carries out the cure of c, nil where it is another or
// none.
func newCompensator(c Config, memory *xbm.CrossBatch, split data.Split) (*compensator, error) {
	cure, err := xbm.ParseCure(c.Memory.Cure)
	if err != nil || cure.Drift == nil || memory == nil {
		return nil, err
	}
	return &compensator{*cure.Drift, memory, newProbe(c, split.Train, cure.Drift.Probes)}, nil
}

// before comes before each step.
func (c *compensator) before(step int64, e Encoder, set *data.Set) error {
	if c == nil || step < c.memory.StartsAt() {
		return nil
	}
	every := int64(c.cure.Every)
	if (step-c.memory.StartsAt())%every != 0 {
		return nil
	}
	if err := c.probe.embed(e, set, step); err != nil {
		return err
	}
	defer c.probe.keep(func(past int64) bool { return past == step })
	before := c.probe.at(step - every)
	if before == nil {
		return nil
	}
	return c.cure.Apply(c.memory.Memory, before, c.probe.at(step), step-every, step)
}
