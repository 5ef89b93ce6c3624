package study

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"

	"crossbatch/trainer"
)

// Protocol compares losses, with and without memory, by the protocol of Kevin Musgrave, Serge
// Belongie, Ser-Nam Lim: A Metric Learning Reality Check (ECCV 2020,
// https://arxiv.org/abs/2003.08505, sections 3 and 4). It uses cross-validation over classes.
// Every method has the same number of trials to find its settings. The score of a trial is the
// best MAP@R on the validation classes, averaged over the folds. The best settings are then
// trained again with other seeds: these reproductions are the first to see the test classes.
//
// Two things differ from the paper. Trials are drawn at random, so that they can run in any
// order; with SamplerTPE they depend on earlier scores, as with the paper's Bayesian
// optimisation (Ax). And the learning rate is searched together with the loss's parameters,
// because the networks start from random weights, while the paper's start from ImageNet
// weights with one small rate.
type Protocol struct {
	Base          trainer.Config // with Patience; cells replace its Loss, Memory, Folds and Fold
	Losses        []string
	Memory        []string
	Folds         int
	Trials        int    // of each method
	Sampler       string // of the trials, SamplerRandom or SamplerTPE; "": SamplerRandom
	Reproductions int    // of each method's best trial
	Space         Space  // searched for every method, besides LossSpace
}

// Method is a loss with or without a memory, and the space in which its settings are searched.
type Method struct {
	Name   string // fit for a folder's name
	Config trainer.Config
	Space  Space
}

// Unit is one run of a protocol: one fold of a trial or of a reproduction.
type Unit struct {
	Name   string // path of its folder, with slashes
	Method int    // index in the methods
	Number int    // of the trial or the reproduction, from 0
	Fold   int    // from 0
	Config trainer.Config
}

// Choice is the best trial of a method.
type Choice struct {
	Trial    int // from 0
	Settings []Setting
	Mean     float64 // over the folds, of the best MAP@R on validation classes
	Error    float64 // standard error of that mean
	Diverged int     // trials that diverged in any fold
}

// Methods lists every loss with every memory. A loss that cannot use a memory is left out
// there, and named in void. An invalid configuration is an error.
func (p Protocol) Methods() (methods []Method, void []string, err error) {
	if p.Folds < 2 || p.Trials < 1 || p.Reproductions < 1 {
		return nil, nil, errors.New("study: the protocol is empty: give at least two folds, one trial and one reproduction")
	}
	if err := p.validateSampler(); err != nil {
		return nil, nil, err
	}
	base := p.Base
	base.Data.Folds, base.Data.Fold = p.Folds, 1
	axes := []Axis{{"loss", p.Losses}, {"memory", p.Memory}}
	cells, void, err := Grid{Base: base, Axes: axes, Seeds: 1}.Cells()
	if err != nil {
		return nil, nil, err
	}
	for _, c := range cells {
		m := Method{Name: strings.TrimSuffix(c.Name, seedName(c.Config)), Config: c.Config, Space: slices.Clone(p.Space)}
		for _, r := range LossSpace(c.Config.Loss.Spec) {
			if !slices.ContainsFunc(m.Space, func(s Range) bool { return s.Key == r.Key }) {
				m.Space = append(m.Space, r)
			}
		}
		if _, err := m.Space.Draw(m.Config, m.Config.Seed, 0); err != nil {
			return nil, nil, err
		}
		methods = append(methods, m)
	}
	return methods, void, nil
}

// TrialUnits lists the runs of all trials. They do not see the test classes. Trials that are
// drawn at random are the same for a loss with and without memory. With SamplerTPE, the
// settings of the later trials are placeholders: [Protocol.Settings] has the real ones.
func (p Protocol) TrialUnits(methods []Method) ([]Unit, error) {
	var units []Unit
	for trial := range p.Trials {
		for i, m := range methods {
			settings, err := m.Space.Draw(m.Config, p.Base.Seed, trial)
			if err != nil {
				return nil, err
			}
			with, err := apply(m.Config, settings)
			if err != nil {
				return nil, fmt.Errorf("study: %s: trial %d: %w", m.Name, trial+1, err)
			}
			units = append(units, p.folds(trialUnit(m, i, trial, with))...)
		}
	}
	return units, nil
}

// folds is the unit for every fold.
func (p Protocol) folds(u Unit) (units []Unit) {
	name := u.Name
	for fold := range p.Folds {
		u.Name, u.Fold = fmt.Sprintf("%s/fold-%d", name, fold+1), fold
		u.Config.Data.Folds, u.Config.Data.Fold = p.Folds, fold+1
		units = append(units, u)
	}
	return units
}

// Choose returns the best trial of each method. scores[i] is the validation score of units[i],
// a unit of TrialUnits, NaN if it diverged. A trial that diverged in any fold cannot be
// chosen. Of equal trials the earlier is chosen.
func (p Protocol) Choose(methods []Method, units []Unit, scores []float64) ([]Choice, error) {
	folds := make([][][]float64, len(methods)) // method, trial, fold
	for i := range folds {
		folds[i] = make([][]float64, p.Trials)
	}
	for i, u := range units {
		folds[u.Method][u.Number] = append(folds[u.Method][u.Number], scores[i])
	}
	means := p.means(methods, units, scores)
	choices := make([]Choice, len(methods))
	for i, m := range methods {
		best := Choice{Trial: -1}
		for trial, sample := range folds[i] {
			mean := stat.Mean(sample, nil)
			switch {
			case math.IsNaN(mean):
				best.Diverged++
			case best.Trial < 0 || mean > best.Mean:
				best.Trial, best.Mean = trial, mean
				best.Error = stat.StdErr(stat.StdDev(sample, nil), float64(len(sample)))
			}
		}
		if best.Trial < 0 {
			return nil, fmt.Errorf("study: %s: %w", m.Name, ErrNoTrial)
		}
		all, err := p.Settings(m, means[i][:best.Trial])
		if err != nil {
			return nil, err
		}
		best.Settings = all[best.Trial]
		choices[i] = best
	}
	return choices, nil
}

// ReproductionUnits lists the runs of the methods with the chosen settings. Their seeds come
// after the seed of the trials.
func (p Protocol) ReproductionUnits(methods []Method, choices []Choice) ([]Unit, error) {
	var units []Unit
	for r := range p.Reproductions {
		for i, m := range methods {
			with, err := apply(m.Config, choices[i].Settings)
			if err != nil {
				return nil, err
			}
			with.Seed = p.Base.Seed + 1 + uint64(r)
			units = append(units, p.folds(Unit{Name: fmt.Sprintf("%s/reproduction-%02d", m.Name, r+1), Method: i, Number: r, Config: with})...)
		}
	}
	return units, nil
}
