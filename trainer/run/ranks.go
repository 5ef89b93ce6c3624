package run

import (
	"context"

	"crossbatch/backbone"
	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/ranks"
)

// leads tells whether this process writes the run: that of rank 0, or one that is alone.
func (s *Session) leads() bool { return s.Comm == nil || s.Comm.Rank() == 0 }

// agree is err, or that of another rank.
func (s *Session) agree(err error) error { return ranks.Agree(s.Comm, err) }

// begin loads the data and makes the network.
func (s *Session) begin(c trainer.Config) (*backbone.Net, error) {
	if err := s.load(c); err != nil {
		return nil, err
	}
	return s.network(c)
}

// follow trains as a rank that does not write the run, and waits until it is written.
func (s *Session) follow(ctx context.Context, j Job, t *trainer.Training) error {
	if err := s.agree(nil); err != nil { // rank 0 opens the run
		return err
	}
	if !j.Trial {
		t.CheckpointEvery = j.CheckpointEvery
		t.Checkpoint = func(int64, bool) error { return nil }
	}
	if _, err := t.Train(ctx); err != nil {
		return err
	}
	return s.agree(nil)
}

// environment is that of a run of c, here and now.
func (s *Session) environment(c trainer.Config) record.Environment {
	e := record.Here(c.Seed, s.line())
	if s.Comm != nil {
		e.Ranks = s.Comm.Size()
	}
	return e
}
