package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"crossbatch/backbone"
	"crossbatch/eval"
	"crossbatch/eval/record"
	"crossbatch/eval/report"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
)

// train makes one run in the job's folder and leaves everything of it there.
func (s *Session) train(ctx context.Context, j Job) (record.Outcome, error) {
	var err error
	if s.leads() {
		err = record.Check(j.Dir, j.Force)
	}
	if err = s.agree(err); err != nil {
		return record.Outcome{}, err
	}
	net, err := s.begin(j.Config)
	if err = s.agree(err); err != nil {
		return record.Outcome{}, err
	}
	return s.run(ctx, j, net, func(t *trainer.Training) (*record.Run, error) {
		if _, err := s.lock(j.Dir); err != nil {
			return nil, err
		}
		run, err := record.Create(j.Dir, j.Config, record.Options{Force: j.Force, Plan: j.plan(), FS: s.Files})
		if err != nil {
			return nil, err
		}
		if err := errors.Join(run.Environment(s.environment(j.Config)), writeSplit(run.Folder, t)); err != nil {
			_ = run.Close() // the error says more
			return nil, err
		}
		return run, nil
	})
}

// line is the command line that a run is made by.
func (s *Session) line() []string {
	if s.Command != nil {
		return s.Command
	}
	return os.Args
}

// prepare makes the training of a configuration ready.
func (s *Session) prepare(j Job, net *backbone.Net) (*trainer.Training, error) {
	split, err := j.Config.Parts(s.set)
	if err != nil {
		return nil, err
	}
	r := trainer.Run{
		Config: j.Config, Set: s.set, Split: split, Encoder: net, Workers: s.Workers, NoTest: j.Trial, Own: j.Own, Comm: s.Comm,
	}
	if s.leads() {
		r.Progress, r.Log = s.Progress.step, s.Log
	}
	card, err := s.device(j.Config)
	if err != nil {
		return nil, err
	}
	if card != nil {
		if r.Device, err = s.deviceMemory(j.Config, card); err != nil {
			return nil, err
		}
		if r.Encoder, err = s.trainee(j.Config, net); err != nil {
			return nil, err
		}
	}
	if j.Config.Keys.Encoder == trainer.EncoderMomentum {
		keys, err := s.untrained(j.Config)
		if err != nil {
			return nil, err
		}
		r.MomentumEncoder = keys
	}
	return trainer.Prepare(r)
}

// fresh prepares the training of a configuration with a network of its own.
func (s *Session) fresh(c trainer.Config) (*trainer.Training, error) {
	if err := s.load(c); err != nil {
		return nil, err
	}
	net, err := s.network(c)
	if err != nil {
		return nil, err
	}
	return s.prepare(Job{Config: c}, net)
}

// Check returns the error that a run of c would be refused with before training. It writes
// nothing.
func (s *Session) Check(c trainer.Config) error {
	_, err := s.fresh(c)
	return err
}

// run makes the run that open opens, or what is left to do of it.
func (s *Session) run(ctx context.Context, j Job, net *backbone.Net, open func(*trainer.Training) (*record.Run, error)) (record.Outcome, error) {
	training, err := s.prepare(j, net)
	if err = s.agree(err); err != nil {
		return record.Outcome{}, err
	}
	if !s.leads() {
		return record.Outcome{}, s.follow(ctx, j, training)
	}
	began := time.Now()
	record.ResetPeakMemory()
	run, err := open(training)
	if err = s.agree(err); err != nil {
		return record.Outcome{}, err
	}
	training.Metric = run.Metric
	trained := false
	if !j.Trial {
		j.keepState(training, run)
		// Before anything that may fail: the weights are what the training was for.
		training.Trained = func() error {
			err := run.Write(record.WeightsFile, net.WriteSafetensors)
			trained = err == nil
			return err
		}
	}
	s.Progress.begin(j.Title, j.Config)
	defer s.Progress.end()
	result, err := training.Train(ctx)
	s.Progress.end()
	if err != nil {
		_ = run.Close() // the error says more
		return record.Outcome{}, unscored(j.Dir, trained, err)
	}
	o, err := s.complete(ctx, j, run, training.Split, net, result, began)
	if err != nil {
		err = unscored(j.Dir, trained, err)
	}
	return o, s.agree(err)
}

// complete scores what a training came to, and writes and closes the run.
func (s *Session) complete(ctx context.Context, j Job, run *record.Run, split data.Split, net *backbone.Net, result trainer.Result, began time.Time) (record.Outcome, error) {
	if j.Trial {
		return record.Outcome{Run: j.Dir, Steps: result.Steps, Seconds: result.Training.Seconds(), BestStep: result.BestStep,
			Validation: eval.Evaluation{Scores: result.Validation}}, run.Close()
	}
	o, err := s.finish(ctx, j, run, split, net, result)
	if err != nil {
		_ = run.Close() // the error says more
		return o, err
	}
	o.TotalSeconds, o.PeakMemory = (time.Since(began) + result.Before).Seconds(), record.PeakMemory()
	// The scores last: where they are, all is.
	if err := errors.Join(run.Scores(o), run.Close()); err != nil || !j.Passing {
		return o, err
	}
	return o, drop(j.Dir)
}

// finish scores what a training came to and writes all but the scores.
func (s *Session) finish(ctx context.Context, j Job, run *record.Run, split data.Split, net *backbone.Net, result trainer.Result) (record.Outcome, error) {
	c := j.Config
	e, err := s.encoder(c, net)
	if err != nil {
		return record.Outcome{}, err
	}
	validation, test, err := s.after(ctx, e, split, result.TestEmb)
	if err != nil {
		return record.Outcome{}, err
	}
	o := record.Outcome{
		Run: run.Dir(), Steps: result.Steps, Seconds: result.Training.Seconds(),
		ImagesPerSecond: float64(result.Images) / result.Training.Seconds(),
		Waiting:         result.Waited.Seconds() / result.Training.Seconds(),
		BestStep:        result.BestStep, MemoryRows: result.MemoryRows, SkippedBatches: result.Skipped,
		FalsePairs: result.FalsePairs, FalseNegatives: result.FalseNegatives,
		Validation: validation.Evaluation, Test: test.Evaluation,
	}
	if o.Classifiers, err = classifiers(result.TestEmb, c.Network.Dim, labelsOf(s.set, result.TestIndex)); err != nil {
		return o, err
	}
	if err := s.keep(run, result, test, c); err != nil || !j.Baselines {
		return o, err
	}
	if o.Baselines, err = s.baselines(ctx, c, split); err != nil {
		return o, fmt.Errorf("what needs no training: %w", err)
	}
	if c.Data.Labels == trainer.LabelsNone || c.Network.Head == backbone.HeadMLP {
		o.Features, err = s.features(ctx, net, split)
	}
	return o, err
}

// keep writes the run's results, but for the scores.
func (s *Session) keep(run *record.Run, result trainer.Result, test Scored, c trainer.Config) error {
	if err := run.Embeddings(result.TestEmb, c.Network.Dim, labelsOf(s.set, result.TestIndex)); err != nil {
		return err
	}
	if err := test.Pictures(run.Folder, s.name+", test classes"); err != nil {
		return err
	}
	looks, err := report.Looks(run.Dir())
	if err != nil {
		return err
	}
	if len(looks) > 0 {
		title := "Where the gradient comes from: " + c.Loss.Spec
		if c.Loss.Miner != "none" {
			title += " with miner " + c.Loss.Miner
		}
		if err := run.Write(record.WeightsPicture, func(w io.Writer) error { return report.Weights(w, title, looks) }); err != nil {
			return err
		}
	}
	return nil
}
