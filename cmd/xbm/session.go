package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"go.uber.org/zap"

	"crossbatch/backbone"
	"crossbatch/eval"
	"crossbatch/eval/record"
	"crossbatch/eval/report"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
)

var _ trainer.Encoder = (*backbone.Net)(nil)

// session makes runs on one data set, one after the other.
type session struct {
	dataSettings
	keepSettings
	console *console
	set     *data.Set
	name    string // spec that the set was loaded from
	by      loaded

	yardsticks bool // score what needs no training too
	compare    bool // the run at hand is to have a baseline
	passing    bool // checkpoints go when their run is complete
	noTest     bool // runs are trials: they leave the test classes alone, and nothing but metrics

	progress func(images int64) // if not nil, is told after every step how many images were trained on
	command  []string           // line that was given; nil: this process's

	locks map[string]io.Closer // of folders that are written to
	fs    record.FS            // where runs are written; nil: the system's
}

// outcome is what a run came to, as it is written down and printed.
type outcome = record.Outcome

// split parts the set as a configuration has it.
func (s *session) split(c trainer.Config) (data.Split, error) { return c.Parts(s.set) }

// network makes the network for the set, with the weights that it starts from.
func (s *session) network(c trainer.Config) (*backbone.Net, error) {
	if err := s.fits(c.Network.Kind); err != nil {
		return nil, err
	}
	net, err := s.untrained(c)
	if err != nil || c.Network.Weights == "" {
		return net, err
	}
	raw, err := os.ReadFile(c.Network.Weights)
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	fresh, err := net.ReadPretrained(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("weights %s: %w", c.Network.Weights, err)
	}
	s.console.log.Info("weights read", zap.String("file", c.Network.Weights), zap.Strings("not_in_it", fresh))
	return net, nil
}

// untrained makes the network for the set as it is drawn.
func (s *session) untrained(c trainer.Config) (*backbone.Net, error) {
	return backbone.New(networkOf(c, s.set.Channels, s.set.Height, s.set.Width))
}

// networkOf is the network of a configuration for images of a shape.
func networkOf(c trainer.Config, channels, height, width int) backbone.Config {
	n := c.Network
	return backbone.Config{
		Kind: n.Kind, Channels: channels, Height: height, Width: width,
		Filters: n.Width, Dim: n.Dim, Head: n.Head, HeadWidth: n.HeadWidth, MaxPool: n.MaxPool, LayerNorm: n.LayerNorm,
		Freeze: n.Freeze, Dropout: n.Dropout, Chunk: c.Batch.Chunk, Seed: c.Seed,
	}
}

// train makes one run in the folder dir and leaves everything of it there.
func (s *session) train(ctx context.Context, title string, c trainer.Config, dir string, force bool) (outcome, error) {
	if err := record.Check(dir, force); err != nil {
		return outcome{}, err
	}
	if err := s.load(c); err != nil {
		return outcome{}, err
	}
	net, err := s.network(c)
	if err != nil {
		return outcome{}, err
	}
	return s.run(ctx, title, c, dir, net, func(t *trainer.Training) (*record.Run, error) {
		if err := s.lock(dir); err != nil {
			return nil, err
		}
		run, err := record.Create(dir, c, record.Options{Force: force, Plan: s.plan(), FS: s.fs})
		if err != nil {
			return nil, err
		}
		if err := errors.Join(run.Environment(record.Here(c.Seed, s.line())), writeSplit(run, t)); err != nil {
			_ = run.Close() // the error says more
			return nil, err
		}
		return run, nil
	})
}

// prepare makes the training of a configuration ready.
func (s *session) prepare(c trainer.Config, net *backbone.Net) (*trainer.Training, error) {
	split, err := s.split(c)
	if err != nil {
		return nil, err
	}
	r := trainer.Run{
		Config: c, Set: s.set, Split: split, Encoder: net, Workers: s.Workers, NoTest: s.noTest, Progress: s.step, Log: s.console.log,
	}
	if c.Keys.Encoder == trainer.EncoderMomentum {
		keys, err := s.untrained(c)
		if err != nil {
			return nil, err
		}
		r.Keys = keys
	}
	return trainer.Prepare(r)
}

// step shows one more step.
func (s *session) step(p trainer.Progress) {
	s.console.step(p)
	if s.progress != nil {
		s.progress(p.Images)
	}
}

// line is the command line that a run is made by.
func (s *session) line() []string {
	if s.command != nil {
		return s.command
	}
	return os.Args
}

// run makes the run that open opens, or what is left to do of it.
func (s *session) run(ctx context.Context, title string, c trainer.Config, dir string, net *backbone.Net, open func(*trainer.Training) (*record.Run, error)) (outcome, error) {
	training, err := s.prepare(c, net)
	if err != nil {
		return outcome{}, err
	}
	began := time.Now()
	record.ResetPeakMemory()
	run, err := open(training)
	if err != nil {
		return outcome{}, err
	}
	training.Metric = run.Metric
	if !s.noTest {
		s.keepState(training, run)
	}
	s.console.begin(title, c)
	defer s.console.end()
	result, err := training.Train(ctx)
	s.console.end()
	var o outcome
	switch {
	case err != nil:
	case s.noTest:
		return outcome{Run: dir, Steps: result.Steps, Seconds: result.Training.Seconds(), BestStep: result.BestStep,
			Validation: eval.Evaluation{Scores: result.Validation}}, run.Close()
	default:
		o, err = s.finish(ctx, run, c, training.Split, net, result)
	}
	if err != nil {
		_ = run.Close() // the error says more
		return o, err
	}
	o.TotalSeconds, o.PeakMemory = (time.Since(began) + result.Before).Seconds(), record.PeakMemory()
	// The scores last: where they are, all is.
	if err := errors.Join(run.Scores(o), run.Close()); err != nil || !s.passing {
		return o, err
	}
	return o, drop(dir)
}

// finish scores what a training came to and writes all but the scores.
func (s *session) finish(ctx context.Context, run *record.Run, c trainer.Config, split data.Split, net *backbone.Net, result trainer.Result) (outcome, error) {
	validation, test, err := s.after(ctx, net, split, result.TestEmb)
	if err != nil {
		return outcome{}, err
	}
	o := outcome{
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
	if err := s.keep(run, result, test, net, c); err != nil || !s.yardsticks {
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
func (s *session) keep(run *record.Run, result trainer.Result, test scored, net *backbone.Net, c trainer.Config) error {
	if err := run.Write(record.WeightsFile, net.WriteSafetensors); err != nil {
		return err
	}
	if err := run.Embeddings(result.TestEmb, c.Network.Dim, labelsOf(s.set, result.TestIndex)); err != nil {
		return err
	}
	if err := test.pictures(run.Folder, s.name+", test classes"); err != nil {
		return err
	}
	looks, err := looks(run.Dir())
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

func labelsOf(set *data.Set, index []int) []int32 {
	labels := make([]int32, len(index))
	for k, i := range index {
		labels[k] = set.Labels[i]
	}
	return labels
}
