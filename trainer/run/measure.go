package run

import (
	"time"

	"crossbatch/eval/record"
	"crossbatch/trainer"
)

// Cost is what a run would take, in seconds and bytes.
type Cost struct {
	Load       float64 // the set and the network
	Step       float64 // of training, with a full memory
	Validation float64 // one look
	Test       float64 // from the best weights to the scores
	Memory     uint64  // that the process held at most while it was measured; 0: not known
}

// Total is what a run of c takes.
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
