package study

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"crossbatch/trainer"
	"crossbatch/xbm/loss"
)

func smallProtocol() Protocol {
	c := trainer.Default()
	c.Watch.Patience, c.Data.ClassOrder = 3, trainer.SortedClasses
	return Protocol{Base: c, Losses: []string{"contrastive", "n-pairs", "arcface"}, Memory: []string{"0", "100%"},
		Folds: 4, Trials: 3, Reproductions: 2, Space: Space{{Key: "lr", Low: 1e-4, High: 1e-2}}}
}

func methods(t *testing.T, p Protocol) []Method {
	t.Helper()
	m, _, err := p.Methods()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMethods(t *testing.T) {
	p := smallProtocol()
	list, void, err := p.Methods()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range list {
		var space []string
		for _, r := range m.Space {
			space = append(space, r.Key)
		}
		names = append(names, m.Name+" "+strings.Join(space, " "))
	}
	want := []string{
		"loss-contrastive_memory-0 lr loss.pos_margin loss.neg_margin", "loss-contrastive_memory-100pct lr loss.pos_margin loss.neg_margin",
		"loss-n-pairs_memory-0 lr", "loss-n-pairs_memory-100pct lr", "loss-arcface_memory-0 lr loss.margin_degrees loss.scale loss-lr",
	}
	if !slices.Equal(names, want) || !slices.Equal(void, []string{"loss-arcface_memory-100pct"}) {
		t.Errorf("%q, without %q", names, void)
	}
	for want, change := range map[string]func(*Protocol){
		"the protocol is empty":   func(p *Protocol) { p.Trials = 0 },
		"protocol is empty":       func(p *Protocol) { p.Folds = 1 },
		"at least two folds":      func(p *Protocol) { p.Reproductions = 0 },
		"the grid is empty":       func(p *Protocol) { p.Losses = nil },
		"there is no such loss":   func(p *Protocol) { p.Losses = []string{"x"} },
		`there is no setting "x"`: func(p *Protocol) { p.Space = Space{{Key: "x", High: 1}} },
	} {
		p := smallProtocol()
		change(&p)
		if _, _, err := p.Methods(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q", err, want)
		}
	}
}

// Every loss has a space, of its parameters as they are called, in which every
// trial can be trained; and none is left out.
func TestEveryLossCanBeSearched(t *testing.T) {
	without := []string{"distance", "learn_beta", "nu", "smooth", "swap", "raw_negatives", "without_positives"}
	for _, spec := range slices.Concat(loss.Names(), loss.ClassNames()) {
		name, parameters, _ := strings.Cut(spec, ":")
		loss := name
		var want []string
		for p := range strings.SplitSeq(parameters, ",") {
			key, value, _ := strings.Cut(p, "=")
			if key == "distance" {
				loss = name + ":distance=" + value
			}
			// The end of what a margin allows is fixed for some.
			fixed := strings.Contains(name, "lifted") && key == "pos_margin"
			// How terms are averaged is no parameter of the loss alone.
			fixed = fixed || key == "reduction"
			if key != "" && !slices.Contains(without, key) && !fixed {
				want = append(want, LossParameter+key)
			}
		}
		c := trainer.Default()
		c.Loss.Spec, c.Memory.Size = loss, "0"
		space := LossSpace(loss)
		for i := range 40 {
			settings, err := space.Draw(c, 1, i)
			if err == nil {
				_, err = apply(c, settings)
			}
			if err != nil {
				t.Fatalf("%s: %v", loss, err)
			}
		}
		var got []string
		for _, r := range space {
			if r.Key != lossRate {
				got = append(got, r.Key)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v is searched, want %v", loss, got, want)
		}
	}
	if s := LossSpace("contrastive:neg_margin=0.3"); len(s) != 1 || s[0].Key != "loss.pos_margin" {
		t.Errorf("what is given is searched: %v", s)
	}
}

func TestTrialsAreTheSameWithAndWithoutMemory(t *testing.T) {
	p := smallProtocol()
	units, err := p.TrialUnits(methods(t, p))
	if err != nil {
		t.Fatal(err)
	}
	if len(units) != 3*5*4 {
		t.Fatalf("%d units", len(units))
	}
	names := map[string]bool{}
	for _, u := range units {
		names[u.Name] = true
		c := u.Config
		if c.Data.Folds != 4 || c.Data.Fold != u.Fold+1 || c.Seed != p.Base.Seed || c.Watch.Patience != 3 || c.Data.ClassOrder != trainer.SortedClasses {
			t.Errorf("%s: %+v", u.Name, c)
		}
		for _, other := range units {
			if other.Method == u.Method^1 && u.Method < 4 && other.Number == u.Number && (other.Config.Optimizer.LR != c.Optimizer.LR || other.Config.Loss.Spec != c.Loss.Spec) {
				t.Errorf("%s and %s have other settings", u.Name, other.Name)
			}
			if other.Method == u.Method && other.Number != u.Number && other.Config.Optimizer.LR == c.Optimizer.LR {
				t.Errorf("%s and %s try the same", u.Name, other.Name)
			}
		}
	}
	if len(names) != len(units) || !names["loss-contrastive_memory-100pct/trial-003/fold-4"] {
		t.Errorf("%d names", len(names))
	}
}

func TestChooseByTheMeanOverFolds(t *testing.T) {
	p := smallProtocol()
	list := methods(t, p)
	units, err := p.TrialUnits(list)
	if err != nil {
		t.Fatal(err)
	}
	scores := make([]float64, len(units))
	for i, u := range units {
		// The second trial is best on the mean, the first in its best fold; the
		// third is as good as the second.
		scores[i] = [][]float64{{0.9, 0, 0, 0}, {0.4, 0.3, 0.2, 0.3}, {0.3, 0.3, 0.3, 0.3}}[u.Number][u.Fold]
		if u.Method == 1 && u.Number == 1 && u.Fold == 3 {
			scores[i] = math.NaN()
		}
	}
	choices, err := p.Choose(list, units, scores)
	if err != nil {
		t.Fatal(err)
	}
	if c := choices[0]; c.Trial != 1 || math.Abs(c.Mean-0.3) > 1e-12 || c.Diverged != 0 ||
		math.Abs(c.Error-math.Sqrt(0.02/3)/2) > 1e-12 { // 0.1²+0+0.1²+0 over n-1, by the root of 4
		t.Errorf("%+v", c)
	}
	if c := choices[1]; c.Trial != 2 || c.Diverged != 1 || c.Error != 0 {
		t.Errorf("%+v", c)
	}
	again, err := p.ReproductionUnits(list, choices)
	if err != nil {
		t.Fatal(err)
	}
	if len(again) != 2*5*4 {
		t.Fatalf("%d units", len(again))
	}
	for _, u := range again {
		trial := units[slices.IndexFunc(units, func(v Unit) bool {
			return v.Method == u.Method && v.Number == choices[u.Method].Trial && v.Fold == u.Fold
		})]
		same := u.Config
		same.Seed = trial.Config.Seed
		if same != trial.Config || u.Config.Seed != p.Base.Seed+1+uint64(u.Number) {
			t.Errorf("%s is not the trial %s with another seed", u.Name, trial.Name)
		}
	}
	for i, u := range units {
		if u.Method == 4 {
			scores[i] = math.NaN()
		}
	}
	if _, err := p.Choose(list, units, scores); !errors.Is(err, ErrNoTrial) || !strings.Contains(err.Error(), "arcface") {
		t.Error(err)
	}
}
