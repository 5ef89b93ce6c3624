package study

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"crossbatch/eval/record"
)

// planned is the layout of a grid for many processes: with a stage for each round of its
// search.
func (g *gridStudy) planned(r *Runner) (l layout, err error) {
	l = g.layout
	trials, _ := g.Search.Rungs()
	if len(trials) == 0 {
		return l, nil
	}
	if l.stages, err = g.rungs(r); err != nil {
		return l, err
	}
	var kinds []string
	for _, n := range append(trials, 1) {
		for c := range g.cells {
			kinds = append(kinds, slices.Repeat([]string{g.kind(c)}, n)...)
		}
	}
	l.kind = func(i int) string { return kinds[i] }
	return l, nil
}

// rungs are the stages of a grid whose cells search for settings: one for each round of
// the search, with every trial of every cell, and then the runs. The trials of a round
// but the first are known when the rounds before are complete: until then they have
// places.
func (g *gridStudy) rungs(r *Runner) ([]stage, error) {
	trials, shares := g.Search.Rungs()
	var stages []stage
	for k, n := range trials {
		s := stage{name: fmt.Sprintf("rung-%d", k+1), result: r.trialLine}
		for c, cell := range g.cells {
			for place := range n {
				o := oneRun{name: path.Join(cell.Name, record.TuneFolder, fmt.Sprintf("%s_place-%d", s.name, place+1)),
					title: fmt.Sprintf("%s, %s, place %d", g.stages[0].runs[c].title, s.name, place+1), config: Scale(cell.Config, shares[k]), trial: true}
				s.runs = append(s.runs, o)
			}
		}
		s.settle = func() ([]oneRun, error) { return g.settleRung(r, s.runs, k, n) }
		if k == 0 {
			var err error
			if s.runs, err = s.settle(); err != nil {
				return nil, err
			}
			s.settle = nil
		} else {
			s.places = true
		}
		stages = append(stages, s)
	}
	runs := g.stages[0]
	runs.runs = slices.Clone(runs.runs)
	for i := range runs.runs {
		runs.runs[i].searched = true
	}
	return append(stages, runs), nil
}

// errReached says that a search has come to the trials that were asked for.
var errReached = errors.New("reached")

// settleRung has trials in the place of places: n of every cell in round k, or fewer
// where others have diverged.
func (g *gridStudy) settleRung(r *Runner, places []oneRun, k, n int) ([]oneRun, error) {
	runs := slices.Clone(places)
	for c, cell := range g.cells {
		at := 0
		_, err := g.Search.Run(cell.Config, func(t Trial) (float64, error) {
			name := path.Join(cell.Name, record.TuneFolder, t.Name)
			if t.Rung == k {
				o := &runs[c*n+at]
				o.name, o.title, o.config = name, g.stages[0].runs[c].title+", "+t.Name, t.Config
				at++
				return 0, nil
			}
			if t.Rung > k {
				return 0, errReached
			}
			done, err := r.trial(oneRun{name: name})
			return done.Score(), err
		})
		if err != nil && !errors.Is(err, errReached) && !errors.Is(err, ErrNoTrial) {
			return nil, err
		}
		for ; at < n; at++ {
			runs[c*n+at].idle = true
		}
	}
	return runs, nil
}

// trial is what a trial came to.
func (r *Runner) trial(o oneRun) (record.Trial, error) {
	t, err := record.ReadTrial(r.folder(o))
	if err != nil {
		return record.Trial{}, err
	}
	if t == nil {
		return record.Trial{}, fmt.Errorf("%s: the trial ended without a score", r.folder(o))
	}
	return *t, nil
}

// trialLine is what a trial came to, in a line.
func (r *Runner) trialLine(o oneRun) (string, error) {
	if o.idle {
		return "no trial is left for this place", nil
	}
	t, err := r.trial(o)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("validation MAP@R %.1f %%, %d steps", 100*t.Score(), t.Steps), nil
}

// known is the layout with trials in their places as far as the stages before are
// complete.
func (r *Runner) known(l layout) (layout, error) {
	l.stages = slices.Clone(l.stages)
	for i := range l.stages {
		s := &l.stages[i]
		if s.places {
			runs, err := s.settled()
			if err != nil {
				return l, err
			}
			s.runs = runs
		}
		missing, err := r.missing(s.runs)
		if err != nil || len(missing) > 0 {
			return l, err
		}
	}
	return l, nil
}
