package study

import "crossbatch/trainer"

// GridDefault is the configuration that grids vary unless another is given: the trainer's
// default, but fewer steps, so that twelve cells of five seeds are done in a quarter of
// an hour on two cores, and with a few looks at drift, which says why a memory helps or
// not.
func GridDefault() trainer.Config {
	c := trainer.Default()
	c.Steps, c.Memory.Start, c.Watch.DriftEvery = 1500, 200, 250
	return c
}

// ProtocolDefault is the configuration that the protocol's runs share unless another is
// given. The rate is constant, as the paper has it: it does not know when patience will
// end a run.
func ProtocolDefault() trainer.Config {
	c := trainer.Default()
	c.Steps, c.Memory.Start, c.Optimizer.Schedule = 1500, 200, "constant"
	c.Watch.ValidateEvery, c.Watch.Patience, c.Watch.InspectEvery = 100, 9, 0
	c.Data.ClassOrder = trainer.SortedClasses
	return c
}

// ProtocolSearch is where every method of the protocol looks for its learning rate unless
// it is told to look elsewhere, as [ParseRange] reads it.
const ProtocolSearch = "lr=3e-4..3e-2"
