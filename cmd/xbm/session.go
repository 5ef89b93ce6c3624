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
	"crossbatch/eval/record"
	"crossbatch/eval/report"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
	"crossbatch/xbm/pair"
)

var _ trainer.Encoder = (*backbone.Net)(nil)

// session makes runs on one data set, one after the other.
type session struct {
	dataSettings
	console *console
	set     *data.Set
	name    string // spec that the set was loaded from
	by      loaded

	yardsticks bool // score what needs no training too
}

// outcome is what a run came to, as it is written down and printed.
type outcome = record.Outcome

// split parts the set as a configuration has it.
func (s *session) split(c trainer.Config) (data.Split, error) { return c.Parts(s.set) }

// network makes the network for the set, with the weights that it starts from.
func (s *session) network(c trainer.Config) (*backbone.Net, error) {
	if err := s.fits(c.Backbone); err != nil {
		return nil, err
	}
	net, err := backbone.New(backbone.Config{
		Kind: c.Backbone, Channels: s.set.Channels, Height: s.set.Height, Width: s.set.Width,
		Filters: c.Width, Dim: c.Dim, MaxPool: c.MaxPool, LayerNorm: c.LayerNorm, Freeze: c.Freeze, Dropout: c.Dropout, Seed: c.Seed,
	})
	if err != nil || c.Weights == "" {
		return net, err
	}
	raw, err := os.ReadFile(c.Weights)
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	fresh, err := net.ReadPretrained(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("weights %s: %w", c.Weights, err)
	}
	s.console.log.Info("weights read", zap.String("file", c.Weights), zap.Strings("not_in_it", fresh))
	return net, nil
}

// train makes one run in the folder dir and leaves everything of it there.
func (s *session) train(ctx context.Context, title string, c trainer.Config, dir string, force bool) (outcome, error) {
	if err := record.Check(dir, force); err != nil {
		return outcome{}, err
	}
	if err := s.load(c); err != nil {
		return outcome{}, err
	}
	split, err := s.split(c)
	if err != nil {
		return outcome{}, err
	}
	net, err := s.network(c)
	if err != nil {
		return outcome{}, err
	}
	training, err := trainer.Prepare(trainer.Run{
		Config: c, Set: s.set, Split: split, Encoder: net, Workers: s.Workers, Progress: s.console.step, Log: s.console.log,
	})
	if err != nil {
		return outcome{}, err
	}
	began := time.Now()
	record.ResetPeakMemory()
	run, err := record.Create(dir, c, record.Options{Force: force})
	if err != nil {
		return outcome{}, err
	}
	if err := errors.Join(run.Environment(record.Here(c.Seed, os.Args)), writeSplit(run, training)); err != nil {
		_ = run.Close() // the error says more
		return outcome{}, err
	}
	var looks []report.Look
	training.Metric = func(metric any) error {
		if n, ok := metric.(*trainer.Inspection); ok {
			looks = append(looks, look(n))
		}
		return run.Metric(metric)
	}
	s.console.begin(title, c)
	defer s.console.end()
	result, err := training.Train(ctx)
	if err != nil {
		_ = run.Close() // the training's error says more
		return outcome{}, err
	}
	s.console.end()
	validation, test, err := s.after(ctx, net, split, result.TestEmb)
	if err != nil {
		_ = run.Close() // as above
		return outcome{}, err
	}
	o := outcome{
		Run: dir, Steps: result.Steps, Seconds: result.Training.Seconds(),
		ImagesPerSecond: float64(result.Images) / result.Training.Seconds(),
		Waiting:         result.Waited.Seconds() / result.Training.Seconds(),
		BestStep:        result.BestStep, MemoryRows: result.MemoryRows, FalsePairs: result.FalsePairs,
		Validation: validation.Evaluation, Test: test.Evaluation,
		TotalSeconds: time.Since(began).Seconds(), PeakMemory: record.PeakMemory(),
	}
	if o.Classifiers, err = classifiers(result.TestEmb, c.Dim, labelsOf(s.set, result.TestIndex)); err != nil {
		_ = run.Close() // as above
		return outcome{}, err
	}
	if err := s.keep(run, o, result, test, net, c, looks); err != nil {
		_ = run.Close() // as above
		return outcome{}, err
	}
	if s.yardsticks {
		// The run is whole without them.
		if o.Baselines, err = s.baselines(ctx, c, split); err == nil {
			err = run.Scores(o)
		}
		if err != nil {
			_ = run.Close() // as above
			return outcome{}, fmt.Errorf("%s is complete, but for what needs no training: %w", dir, err)
		}
	}
	return o, run.Close()
}

// keep writes the run's results, the scores last: where they are, all is.
func (s *session) keep(run *record.Run, o outcome, result trainer.Result, test scored, net *backbone.Net, c trainer.Config, looks []report.Look) error {
	if err := run.Write(record.WeightsFile, net.WriteSafetensors); err != nil {
		return err
	}
	if err := run.Embeddings(result.TestEmb, c.Dim, labelsOf(s.set, result.TestIndex)); err != nil {
		return err
	}
	of := s.name + ", test classes"
	if err := run.Write(record.NeighborsFile, func(w io.Writer) error { return test.sheet(w, of) }); err != nil {
		return err
	}
	if err := run.Write(record.ExtremesFile, func(w io.Writer) error { return test.bestWorst(w, of) }); err != nil {
		return err
	}
	if len(looks) > 0 {
		title := "Where the gradient comes from: " + c.Loss
		if c.Miner != "none" {
			title += " with miner " + c.Miner
		}
		if err := run.Write(record.WeightsPicture, func(w io.Writer) error { return report.Weights(w, title, looks) }); err != nil {
			return err
		}
	}
	return run.Scores(o)
}

// look is an inspection as the report takes it.
func look(n *trainer.Inspection) report.Look {
	weights := func(w *pair.Weights) *report.PairWeights {
		if w == nil {
			return nil
		}
		return &report.PairWeights{Positives: w.Positives, Negatives: w.Negatives, Ages: w.Ages, EffectiveNegatives: w.EffectiveNegatives}
	}
	return report.Look{Step: n.Step, Batch: weights(n.Batch), Memory: weights(n.Memory), FromMemory: n.FromMemory}
}

func labelsOf(set *data.Set, index []int) []int32 {
	labels := make([]int32, len(index))
	for k, i := range index {
		labels[k] = set.Labels[i]
	}
	return labels
}
