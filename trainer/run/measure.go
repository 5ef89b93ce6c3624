package run

import (
	"time"

	"crossbatch/eval/record"
	"crossbatch/trainer"
)

// Cost is the measured cost of a run, in seconds and bytes.
type Cost struct {
	Load       float64 // loading the set and making the network
	Step       float64 // one step of training with a full memory
	Validation float64 // one scoring of the validation classes
	Test       float64 // embedding and scoring the test images, by their number
	Memory     uint64  // peak memory of the process during the measurement, bytes; 0: not known
}

// Total returns the estimated time of a run of c, in seconds, without early stopping.
func (t Cost) Total(c trainer.Config) float64 {
	looks := (c.Steps + c.Watch.ValidateEvery - 1) / c.Watch.ValidateEvery
	return t.Load + float64(c.Steps)*t.Step + float64(looks)*t.Validation + t.Test
}

// Measure prepares the run of c and measures some steps of it. It writes nothing.
func (s *Session) Measure(c trainer.Config, steps int) (Cost, error) {
	record.ResetPeakMemory()
	began := time.Now()
	training, err := s.fresh(c)
	if err != nil {
		return Cost{}, err
	}
	load := time.Since(began)
	took, err := training.Measure(steps)
	if err != nil {
		return Cost{}, err
	}
	validation := took.Validation.Seconds()
	share := float64(len(training.Split.Test)) / float64(len(training.Split.Validation))
	return Cost{Load: load.Seconds(), Step: took.Step.Seconds(), Validation: validation, Test: share * validation, Memory: record.PeakMemory()}, nil
}
