package study

import (
	"fmt"
	"slices"

	"crossbatch/trainer"
	"crossbatch/trainer/setting"
)

// GridText is a grid as text, as the command xbm ablate takes it. Values are separated by
// commas, see [ParseList].
type GridText struct {
	Memory, Batch, Loss string   // an axis each, Memory and Batch the last ones
	Axes                []string // more of them, see [ParseAxis]
	Seeds, Splits       int
	Equal               string   // see [Equal]
	Tune                []string // see [ParseSearch]
}

// DefaultGridText returns a grid of memory sizes × batch sizes with five seeds.
func DefaultGridText() GridText {
	return GridText{Memory: "0,1%,10%,100%", Batch: "16,32,64", Loss: GridDefault().Loss.Spec, Seeds: 5, Splits: 1, Equal: string(EqualSteps)}
}

// Settings returns the settings of the fields with a single value, bound to them.
func (t *GridText) Settings() []setting.Setting {
	return []setting.Setting{
		{Key: "memory", Value: &t.Memory, Group: "Grid", Range: setting.Form("memory sizes"), Help: "memory `SIZES`, separated by commas: rows, or shares of the training images"},
		{Key: "batch", Value: &t.Batch, Group: "Grid", Range: setting.Form("batch sizes"), Help: "batch `SIZES`, separated by commas"},
		{Key: "loss", Value: &t.Loss, Group: "Grid", Range: setting.Form("losses"), Help: "`LOSSES`, listed above with their parameters, separated by commas"},
		{Key: "seeds", Value: &t.Seeds, Group: "Grid", Unit: "seeds", Range: setting.AtLeast(1), Help: "runs of each combination, with the seeds --seed, --seed+1, …"},
		{Key: "splits", Value: &t.Splits, Group: "Grid", Unit: "splits", Range: setting.AtLeast(1), Help: "splits of the classes, --seeds runs on each: by --split-seed, --split-seed+1, …; seeds of one begin 1000 after those of the split before. Intervals are then over splits and seeds, and tables show both sources"},
		{Key: "equal", Value: &t.Equal, Group: "Grid", Range: setting.OneOf(string(EqualSteps), string(EqualImages)), Help: "`WHAT` all runs have alike: steps, or images; then --steps and all else that counts steps are for the batch of --config, or 32, and scaled for others"},
	}
}

// Grid returns the grid of t. All other settings are those of base.
func (t GridText) Grid(base trainer.Config) (Grid, error) {
	g := Grid{Base: base, Axes: []Axis{{"loss", ParseList(t.Loss)}}, Seeds: t.Seeds, Splits: t.Splits, Equal: Equal(t.Equal)}
	g.Base.Loss.Spec, g.Base.Memory.Size = GridDefault().Loss.Spec, "0" // what the axes give does not count
	for _, text := range t.Axes {
		axis, err := ParseAxis(text)
		if err != nil {
			return g, err
		}
		if slices.Contains([]string{"loss", "memory", "batch"}, axis.Key) {
			return g, fmt.Errorf("axis %s: give its values to --%s", axis.Key, axis.Key)
		}
		g.Axes = append(g.Axes, axis)
	}
	g.Axes = append(g.Axes, Axis{"memory", ParseList(t.Memory)}, Axis{"batch", ParseList(t.Batch)})
	var err error
	g.Search, err = ParseSearch(t.Tune)
	return g, err
}

// ProtocolText is a protocol as text, as the command xbm protocol takes it.
type ProtocolText struct {
	Loss, Memory                 string // separated by commas, see [ParseList]
	Folds, Trials, Reproductions int
	Sampler                      string   // see [Protocol]
	Search                       []string // see [ParseRange]; none: [ProtocolSearch]
}

// DefaultProtocolText returns the numbers of the paper: four folds, fifty trials, ten
// reproductions.
func DefaultProtocolText() ProtocolText {
	return ProtocolText{Loss: ProtocolDefault().Loss.Spec, Memory: "0,100%", Folds: 4, Trials: 50, Reproductions: 10, Sampler: SamplerRandom}
}

// Settings returns the settings of the fields with a single value, bound to them.
func (t *ProtocolText) Settings() []setting.Setting {
	return []setting.Setting{
		{Key: "loss", Value: &t.Loss, Group: "Protocol", Range: setting.Form("losses"), Help: "`LOSSES` to compare, listed above with their parameters, separated by commas; parameters that are given are not searched"},
		{Key: "memory", Value: &t.Memory, Group: "Protocol", Range: setting.Form("memory sizes"), Help: "memory `SIZES` to compare them with, separated by commas"},
		{Key: "folds", Value: &t.Folds, Group: "Protocol", Unit: "folds", Range: setting.AtLeast(2), Help: "`FOLDS` of the cross-validation over classes"},
		{Key: "trials", Value: &t.Trials, Group: "Protocol", Unit: "trials", Range: setting.AtLeast(1), Help: "`TRIALS` of each method, each a run of every fold"},
		{Key: samplerKey, Value: &t.Sampler, Group: "Protocol", Range: setting.OneOf(SamplerRandom, SamplerTPE), Help: "`HOW` trials are drawn: " + SamplerRandom + ", or " + SamplerTPE + " (tree-structured Parzen estimator: a third of them, at most 10, at random, then each by what those before came to, so that they run one after the other)"},
		{Key: "reproductions", Value: &t.Reproductions, Group: "Protocol", Unit: "runs", Range: setting.AtLeast(1), Help: "`RUNS` of every fold with the best settings, with the seeds --seed+1, --seed+2, …"},
	}
}

// Protocol returns the protocol of t. All other settings are those of base.
func (t ProtocolText) Protocol(base trainer.Config) (Protocol, error) {
	p := Protocol{Base: base, Losses: ParseList(t.Loss), Memory: ParseList(t.Memory), Folds: t.Folds, Trials: t.Trials, Sampler: t.Sampler, Reproductions: t.Reproductions}
	// What the methods and the folds give does not count.
	p.Base.Loss.Spec, p.Base.Memory.Size, p.Base.Data.Folds, p.Base.Data.Fold = ProtocolDefault().Loss.Spec, "0", 0, 0
	search := t.Search
	if len(search) == 0 {
		search = []string{ProtocolSearch}
	}
	for _, text := range search {
		r, err := ParseRange(text)
		if err != nil {
			return p, err
		}
		p.Space = append(p.Space, r)
	}
	return p, nil
}
