package trainer

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"crossbatch/trainer/checkpoint"
	"crossbatch/xbm"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

// own gives what the texts of c say as values.
func own(t *testing.T, c Config) (Config, Own) {
	t.Helper()
	texts := c
	c.Loss.Spec, c.Loss.Miner, c.Memory.Policy = "own:mine", "own:mine", "own:mine"
	policy, err := xbm.ParsePolicy(texts.Memory.Policy, c.Seed)
	if err != nil {
		t.Fatal(err)
	}
	return c, Own{
		Loss: func() pair.Loss {
			l, err := loss.Parse(texts.Loss.Spec)
			if err != nil {
				t.Fatal(err)
			}
			return l
		},
		Miner: func(random *rand.PCG) pair.Miner {
			l, _ := loss.Parse(texts.Loss.Spec)
			m, err := miner.Parse(texts.Loss.Miner, pair.TraitsOf(l).Euclidean, random)
			if err != nil {
				t.Fatal(err)
			}
			return m
		},
		Policy: policy,
	}
}

// A loss, a miner and a policy that are values train as those that texts name.
func TestValuesTrainAsTexts(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"drawn":   func(c *Config) { c.Loss.Miner, c.Memory.Policy = "distance-weighted", "keyed" },
		"learned": func(c *Config) { c.Loss.Spec, c.Loss.Miner = "margin:learn_beta=true", "triplet-semihard" },
		"drift":   func(c *Config) { c.Loss.Miner, c.Watch.DriftEvery = "distance-weighted", 7 },
	} {
		texts, textNet := barsRun(t)
		change(&texts.Config)
		want := trace(t, texts)
		values, net := barsRun(t)
		values.Config, values.Own = own(t, texts.Config)
		if got := trace(t, values); got != want || !slices.Equal(net.weight, textNet.weight) {
			t.Errorf("%s: other metrics or weights", name)
		}
	}
}

func TestValuesAndTheirNamesGoTogether(t *testing.T) {
	valid := func() Run {
		r, _ := barsRun(t)
		r.Config.Loss.Miner = "distance-weighted"
		r.Config, r.Own = own(t, r.Config)
		return r
	}
	if _, err := Prepare(valid()); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Run){
		`loss is "contrastive", and Own.Loss is given: give loss own:NAME`:                      func(r *Run) { r.Config.Loss.Spec = "contrastive" },
		`miner is "own:mine", which only the Go program that has it can train with: give it to`: func(r *Run) { r.Own.Miner = nil },
		`policy is "own:": give it a name`:                                                      func(r *Run) { r.Config.Memory.Policy = "own:" },
		"Own.Loss returns nil":                                                                  func(r *Run) { r.Own.Loss = func() pair.Loss { return nil } },
		"Own.Miner returns nil":                                                                 func(r *Run) { r.Own.Miner = func(*rand.PCG) pair.Miner { return nil } },
		"takes no miner": func(r *Run) {
			r.Own.Loss = func() pair.Loss { l, _ := loss.Parse("arcface"); return l }
		},
		`loss is "own:mine", which has weights for the classes and no use for a memory`: func(r *Run) {
			r.Own.Loss = func() pair.Loss { l, _ := loss.Parse("arcface"); return l }
			r.Own.Miner, r.Config.Loss.Miner = nil, "none"
		},
		"within a batch only": func(r *Run) {
			r.Own.Loss = func() pair.Loss { l, _ := loss.Parse("triplet:swap=true"); return l }
			r.Own.Miner, r.Config.Loss.Miner = nil, "none"
		},
	} {
		r := valid()
		change(&r)
		if _, err := Prepare(r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q", err, want)
		}
	}
	// A configuration with names is one that a run's folder may hold.
	if err := valid().Config.Validate(); err != nil {
		t.Error(err)
	}
}

// A checkpoint goes on with the same values, and refuses another name, type or field.
func TestACheckpointKnowsItsValues(t *testing.T) {
	prepare := func(name string, l pair.Loss) *Training {
		r, _ := barsRun(t)
		r.Config.Loss.Spec = name
		r.Own.Loss = func() pair.Loss { return l }
		training, err := Prepare(r)
		if err != nil {
			t.Fatal(err)
		}
		return training
	}
	var file bytes.Buffer
	if err := checkpoint.Write(&file, prepare("own:mine", &loss.Contrastive{PosMargin: 1, NegMargin: 0.5}).Sections()); err != nil {
		t.Fatal(err)
	}
	c, err := checkpoint.Parse(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	restore(t, prepare("own:mine", &loss.Contrastive{PosMargin: 1, NegMargin: 0.5}), file.Bytes())
	for want, other := range map[string]*Training{
		"loss is \\\"own:other\\\"": prepare("own:other", &loss.Contrastive{PosMargin: 1, NegMargin: 0.5}),
		"NegMargin":                 prepare("own:mine", &loss.Contrastive{PosMargin: 1, NegMargin: 0.25}),
		"*loss.Triplet":             prepare("own:mine", &loss.Triplet{Margin: 0.5}),
	} {
		if err := c.Restore(other.Sections()); err == nil || !strings.Contains(err.Error(), strings.ReplaceAll(want, "\\", "")) {
			t.Errorf("%v: want %q", err, want)
		}
	}
}
