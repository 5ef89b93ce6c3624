package study

import "crossbatch/trainer"

// GridDefault returns the default configuration of grids: [trainer.Default] with fewer steps,
// and with a few drift measurements, which help to explain why a memory helps or not. Twelve
// combinations with five seeds take a quarter of an hour on two cores.
func GridDefault() trainer.Config {
	c := trainer.Default()
	c.Steps, c.Memory.Start, c.Watch.DriftEvery = 1500, 200, 250
	return c
}

// ProtocolDefault returns the default base configuration of protocols. The learning rate is
// constant, as in the paper: a schedule would need the number of steps, which patience
// decides.
func ProtocolDefault() trainer.Config {
	c := trainer.Default()
	c.Steps, c.Memory.Start, c.Optimizer.Schedule = 1500, 200, "constant"
	c.Watch.ValidateEvery, c.Watch.Patience, c.Watch.InspectEvery = 100, 9, 0
	c.Data.ClassOrder = trainer.SortedClasses
	return c
}

// ProtocolSearch is the default range of the learning rate in a protocol, as [ParseRange]
// reads it.
const ProtocolSearch = "lr=3e-4..3e-2"
