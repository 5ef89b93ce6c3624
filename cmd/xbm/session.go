package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
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
	o := outcome{
		Run: dir, Steps: result.Steps, Seconds: result.Training.Seconds(),
		ImagesPerSecond: float64(result.Images) / result.Training.Seconds(),
		Waiting:         result.Waited.Seconds() / result.Training.Seconds(),
		BestStep:        result.BestStep, MemoryRows: result.MemoryRows, FalsePairs: result.FalsePairs,
		Validation: result.Validation, Test: result.Test,
		TotalSeconds: time.Since(began).Seconds(), PeakMemory: record.PeakMemory(),
	}
	if err := s.keep(run, o, result, net, c, looks); err != nil {
		_ = run.Close() // as above
		return outcome{}, err
	}
	return o, run.Close()
}

// keep writes the run's results, the scores last: where they are, all is.
func (s *session) keep(run *record.Run, o outcome, result trainer.Result, net *backbone.Net, c trainer.Config, looks []report.Look) error {
	if err := run.Write(record.WeightsFile, net.WriteSafetensors); err != nil {
		return err
	}
	labels := make([]int32, len(result.TestIndex))
	for k, i := range result.TestIndex {
		labels[k] = s.set.Labels[i]
	}
	if err := run.Embeddings(result.TestEmb, c.Dim, labels); err != nil {
		return err
	}
	if err := s.sheet(run, o, result, c.Dim); err != nil {
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

// The contact sheet's size.
const (
	sheetRows      = 12
	sheetNeighbors = 10
)

// sheet writes test queries, evenly spaced over the test images, with their
// nearest neighbours.
func (s *session) sheet(run *record.Run, o outcome, result trainer.Result, dim int) error {
	k := min(sheetNeighbors, len(result.TestIndex)-1)
	found, err := eval.Neighbors(result.TestEmb, dim, k)
	if err != nil {
		return err
	}
	var rows []report.Retrieval
	for r := range min(sheetRows, len(result.TestIndex)) {
		q := r * len(result.TestIndex) / sheetRows
		row := report.Retrieval{Query: s.picture(result.TestIndex[q])}
		for _, j := range found[q*k : (q+1)*k] {
			row.Neighbors = append(row.Neighbors, s.picture(result.TestIndex[j]))
			row.Right = append(row.Right, s.label(result, int(j)) == s.label(result, q))
		}
		rows = append(rows, row)
	}
	recall, _ := o.Test.Recall.At(1)
	title := fmt.Sprintf("%s, test classes: recall@1 %.1f %%, MAP@R %.1f %%", s.name, 100*recall, 100*o.Test.MAPAtR)
	return run.Write(record.NeighborsFile, func(w io.Writer) error { return report.Sheet(w, title, rows) })
}

func (s *session) picture(i int) image.Image { return s.set.Image(i) }

func (s *session) label(result trainer.Result, k int) int32 {
	return s.set.Labels[result.TestIndex[k]]
}
