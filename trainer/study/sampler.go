package study

import (
	"fmt"

	"crossbatch/trainer"
)

// The values of Protocol.Sampler: how the trials of a protocol are drawn.
const (
	SamplerRandom = "random" // at random, each independent of the others, see [Space.Draw]
	SamplerTPE    = "tpe"    // first some at random, then by earlier scores: TPE, Bergstra et al., NeurIPS 2011
)

// mostRandom is how many trials of SamplerTPE are drawn at random at most: a third of them is
// enough of a search that is short.
const mostRandom = 10

// byTPE tells whether later trials depend on earlier ones.
func (p Protocol) byTPE() bool { return p.Sampler == SamplerTPE }

func (p Protocol) validateSampler() error {
	switch p.Sampler {
	case "", SamplerRandom, SamplerTPE:
		return nil
	}
	return fmt.Errorf("study: sampler is %q: give %s or %s", p.Sampler, SamplerRandom, SamplerTPE)
}

// random is how many trials are drawn at random.
func (p Protocol) random() int {
	if p.byTPE() {
		return min(mostRandom, (p.Trials+2)/3)
	}
	return p.Trials
}

// Settings returns the settings of the trials 0 … len(scores) of a method. scores holds the
// mean score over the folds of each earlier trial, NaN if one diverged. The same scores give
// the same settings.
func (p Protocol) Settings(m Method, scores []float64) ([][]Setting, error) {
	var all [][]Setting
	var points [][]float64
	for i := range len(scores) + 1 {
		point := m.Space.point(p.Base.Seed, i)
		if i >= p.random() && len(m.Space) > 0 {
			point = tpe{p.Base.Seed}.propose(points, scores[:i])
		}
		settings, err := m.Space.settings(m.Config, point)
		if err != nil {
			return nil, err
		}
		points, all = append(points, point), append(all, settings)
	}
	return all, nil
}

// trialUnits is the trial of every method after those whose scores are given, one list a
// method.
func (p Protocol) trialUnits(methods []Method, scores [][]float64) ([]Unit, error) {
	var units []Unit
	for i, m := range methods {
		all, err := p.Settings(m, scores[i])
		if err != nil {
			return nil, err
		}
		trial := len(all) - 1
		with, err := apply(m.Config, all[trial])
		if err != nil {
			return nil, fmt.Errorf("study: %s: trial %d: %w", m.Name, trial+1, err)
		}
		units = append(units, p.folds(trialUnit(m, i, trial, with))...)
	}
	return units, nil
}

func trialUnit(m Method, method, trial int, c trainer.Config) Unit {
	return Unit{Name: fmt.Sprintf("%s/trial-%03d", m.Name, trial+1), Method: method, Number: trial, Config: c}
}

// means are the mean scores of each method's trials over the folds; NaN where one is.
func (p Protocol) means(methods []Method, units []Unit, scores []float64) [][]float64 {
	all := make([][]float64, len(methods))
	for i, u := range units {
		if u.Number == len(all[u.Method]) {
			all[u.Method] = append(all[u.Method], 0)
		}
		all[u.Method][u.Number] += scores[i] / float64(p.Folds)
	}
	return all
}
