package study

import (
	"context"
	"fmt"
	"math"
	"path/filepath"

	"crossbatch/eval"
	"crossbatch/eval/record"
	"crossbatch/trainer/data/features"
	"crossbatch/trainer/run"
	"crossbatch/xbm/kernel"
)

// MethodResult is the result of a method.
type MethodResult struct {
	Loss       string            `json:"loss"`
	Memory     string            `json:"memory"`
	Trial      int               `json:"trial"` // the best trial, from 1
	Settings   map[string]string `json:"settings"`
	Validation float64           `json:"validation_map_at_r"`       // MAP@R of that trial, the mean over the folds
	Error      float64           `json:"validation_standard_error"` // of that mean
	Diverged   int               `json:"diverged_trials"`

	Reproductions []Reproduction `json:"reproductions"`
	Separated     Intervals      `json:"separated"`    // of the mean scores of the networks of the folds
	Concatenated  Intervals      `json:"concatenated"` // of the concatenated embeddings of the networks of the folds

	settings string
}

// Reproduction is the score of one reproduction on the test classes.
type Reproduction struct {
	Seed         uint64       `json:"seed"`
	Separated    TestScores   `json:"separated"`    // mean of the scores of the folds' networks
	Folds        []TestScores `json:"folds"`        // of the network of each fold
	Concatenated TestScores   `json:"concatenated"` // of the concatenated embeddings of all folds' networks
}

// TestScores are the scores of the protocol, from 0 to 1.
type TestScores struct {
	PrecisionAt1 float64 `json:"precision_at_1"`
	RPrecision   float64 `json:"r_precision"`
	MAPAtR       float64 `json:"map_at_r"`
}

func (t TestScores) list() []float64 { return []float64{t.PrecisionAt1, t.RPrecision, t.MAPAtR} }

// Intervals are the intervals of the three scores.
type Intervals struct {
	PrecisionAt1 Interval `json:"precision_at_1"`
	RPrecision   Interval `json:"r_precision"`
	MAPAtR       Interval `json:"map_at_r"`
}

// Interval is a mean with the half width of its 95 % confidence interval.
type Interval struct {
	Mean float64  `json:"mean"`
	Half *float64 `json:"half_width"` // nil if there is one reproduction
}

// results scores the reproductions of all methods: the folds' networks together
// now, each of them as its run has.
func (p *protocolStudy) results(ctx context.Context, units []Unit, choices []Choice) ([]MethodResult, error) {
	results := make([]MethodResult, len(p.methods))
	for i, m := range p.methods {
		c := choices[i]
		results[i] = MethodResult{Loss: m.Config.Loss.Spec, Memory: m.Config.Memory.Size, Trial: c.Trial + 1, Settings: map[string]string{},
			Validation: c.Mean, Error: c.Error, Diverged: c.Diverged, settings: settingsText(c.Settings)}
		for _, s := range c.Settings {
			results[i].Settings[s.Key] = s.Value
		}
	}
	images := p.runs.session()
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
		r.Separated = intervalsOf(r.Reproductions, func(r Reproduction) TestScores { return r.Separated })
		r.Concatenated = intervalsOf(r.Reproductions, func(r Reproduction) TestScores { return r.Concatenated })
	}
	return results, nil
}

// reproduce scores one Reproduction, from the runs of its folds.
func (p *protocolStudy) reproduce(ctx context.Context, images *run.Session, folds []Unit) (Reproduction, error) {
	r := Reproduction{Seed: folds[0].Config.Seed}
	var parts [][]float32
	for _, u := range folds {
		dir := filepath.Join(p.runs.Dir, filepath.FromSlash(u.Name))
		stored, err := record.Open(dir)
		if err != nil {
			return r, err
		}
		t := stored.Outcome.Test
		s := TestScores{t.PrecisionAt1, t.RPrecision, t.MAPAtR}
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
	r.Concatenated = TestScores{RPrecision: scores.RPrecision, MAPAtR: scores.MAPAtR}
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

func intervalsOf(list []Reproduction, of func(Reproduction) TestScores) Intervals {
	var samples [3][]float64
	for _, r := range list {
		for i, x := range of(r).list() {
			samples[i] = append(samples[i], x)
		}
	}
	over := func(sample []float64) Interval {
		mean, half := eval.Interval(sample)
		if math.IsNaN(half) {
			return Interval{Mean: mean}
		}
		return Interval{mean, &half}
	}
	return Intervals{over(samples[0]), over(samples[1]), over(samples[2])}
}

func (i Intervals) list() []Interval { return []Interval{i.PrecisionAt1, i.RPrecision, i.MAPAtR} }

// String returns the interval in percent.
func (i Interval) String() string {
	if i.Half == nil {
		return fmt.Sprintf("%.1f", 100*i.Mean)
	}
	return fmt.Sprintf("%.1f ± %.1f", 100*i.Mean, 100**i.Half)
}
