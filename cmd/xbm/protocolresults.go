package main

import (
	"context"
	"fmt"
	"math"
	"path/filepath"

	"crossbatch/eval"
	"crossbatch/eval/record"
	"crossbatch/trainer/ablation"
	"crossbatch/trainer/data/features"
	"crossbatch/trainer/run"
	"crossbatch/xbm/kernel"
)

// methodResult is what a method came to.
type methodResult struct {
	Loss       string            `json:"loss"`
	Memory     string            `json:"memory"`
	Trial      int               `json:"trial"` // that was chosen, from 1
	Settings   map[string]string `json:"settings"`
	Validation float64           `json:"validation_map_at_r"`       // of the trial, the mean over the folds
	Error      float64           `json:"validation_standard_error"` // of that mean
	Diverged   int               `json:"diverged_trials"`

	Reproductions []reproduction `json:"reproductions"`
	Separated     intervals      `json:"separated"`    // over the reproductions
	Concatenated  intervals      `json:"concatenated"` // as above

	settings string
}

// reproduction is what one reproduction scored on the test classes.
type reproduction struct {
	Seed         uint64       `json:"seed"`
	Separated    testScores   `json:"separated"` // the mean over the folds' networks
	Folds        []testScores `json:"folds"`     // each of them
	Concatenated testScores   `json:"concatenated"`
}

// testScores are the scores of the protocol, shares from 0 to 1.
type testScores struct {
	PrecisionAt1 float64 `json:"precision_at_1"`
	RPrecision   float64 `json:"r_precision"`
	MAPAtR       float64 `json:"map_at_r"`
}

func (t testScores) list() []float64 { return []float64{t.PrecisionAt1, t.RPrecision, t.MAPAtR} }

// intervals are means with half of their 95 % intervals.
type intervals struct {
	PrecisionAt1 interval `json:"precision_at_1"`
	RPrecision   interval `json:"r_precision"`
	MAPAtR       interval `json:"map_at_r"`
}

type interval struct {
	Mean float64  `json:"mean"`
	Half *float64 `json:"half_width"` // nil: one reproduction
}

// results scores the reproductions of all methods: the folds' networks together
// now, each of them as its run has.
func (p *protocolStudy) results(ctx context.Context, units []ablation.Unit, choices []ablation.Choice) ([]methodResult, error) {
	results := make([]methodResult, len(p.methods))
	for i, m := range p.methods {
		c := choices[i]
		results[i] = methodResult{Loss: m.Config.Loss.Spec, Memory: m.Config.Memory.Size, Trial: c.Trial + 1, Settings: map[string]string{},
			Validation: c.Mean, Error: c.Error, Diverged: c.Diverged, settings: settingsText(c.Settings)}
		for _, s := range c.Settings {
			results[i].Settings[s.Key] = s.Value
		}
	}
	images := p.runs.console.session(p.runs.data)
	for first := 0; first < len(units); first += p.Folds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		folds := units[first : first+p.Folds]
		r, err := p.reproduce(ctx, images, folds)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Dir(folds[0].Name), err)
		}
		of := &results[folds[0].Method]
		of.Reproductions = append(of.Reproductions, r)
	}
	for i := range results {
		r := &results[i]
		r.Separated = intervalsOf(r.Reproductions, func(r reproduction) testScores { return r.Separated })
		r.Concatenated = intervalsOf(r.Reproductions, func(r reproduction) testScores { return r.Concatenated })
	}
	return results, nil
}

// reproduce scores one reproduction, from the runs of its folds.
func (p *protocolStudy) reproduce(ctx context.Context, images *run.Session, folds []ablation.Unit) (reproduction, error) {
	r := reproduction{Seed: folds[0].Config.Seed}
	var parts [][]float32
	for _, u := range folds {
		dir := filepath.Join(p.runs.dir, filepath.FromSlash(u.Name))
		stored, err := record.Open(dir)
		if err != nil {
			return r, err
		}
		t := stored.Outcome.Test
		s := testScores{t.PrecisionAt1, t.RPrecision, t.MAPAtR}
		r.Folds = append(r.Folds, s)
		n := float64(len(folds))
		r.Separated.PrecisionAt1 += s.PrecisionAt1 / n
		r.Separated.RPrecision += s.RPrecision / n
		r.Separated.MAPAtR += s.MAPAtR / n
		emb, rows, dim, err := features.ReadMatrix(filepath.Join(dir, record.EmbeddingsFile))
		if err != nil {
			return r, err
		}
		if dim != u.Config.Network.Dim || len(parts) > 0 && rows*dim != len(parts[0]) {
			return r, fmt.Errorf("%s: %d×%d embeddings for a dim of %d, or not of as many images as the other folds'", dir, rows, dim, u.Config.Network.Dim)
		}
		parts = append(parts, emb)
	}
	emb := concatenate(parts, folds[0].Config.Network.Dim)
	scores, err := images.TestScores(ctx, folds[0].Config, emb, len(folds)*folds[0].Config.Network.Dim)
	if err != nil {
		return r, err
	}
	r.Concatenated = testScores{RPrecision: scores.RPrecision, MAPAtR: scores.MAPAtR}
	r.Concatenated.PrecisionAt1, _ = scores.Recall.At(1)
	return r, nil
}

// concatenate puts rows of several embeddings of the same images (n×dim each) end
// to end, each at unit length. The parts are scaled in place.
func concatenate(parts [][]float32, dim int) []float32 {
	n, width := len(parts[0])/dim, len(parts)*dim
	all := make([]float32, n*width)
	for k, part := range parts {
		kernel.NormalizeRows(part, make([]float32, n), part, dim)
		for i := range n {
			copy(all[i*width+k*dim:], part[i*dim:(i+1)*dim])
		}
	}
	return all
}

func intervalsOf(list []reproduction, of func(reproduction) testScores) intervals {
	var samples [3][]float64
	for _, r := range list {
		for i, x := range of(r).list() {
			samples[i] = append(samples[i], x)
		}
	}
	over := func(sample []float64) interval {
		mean, half := eval.Interval(sample)
		if math.IsNaN(half) {
			return interval{Mean: mean}
		}
		return interval{mean, &half}
	}
	return intervals{over(samples[0]), over(samples[1]), over(samples[2])}
}

func (i intervals) list() []interval { return []interval{i.PrecisionAt1, i.RPrecision, i.MAPAtR} }

// String is the interval in percent.
func (i interval) String() string {
	if i.Half == nil {
		return fmt.Sprintf("%.1f", 100*i.Mean)
	}
	return fmt.Sprintf("%.1f ± %.1f", 100*i.Mean, 100**i.Half)
}
