package study

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"crossbatch/trainer"
)

// Search searches settings of one run by successive halving: all trials train for a part of
// the steps, the better half of them for twice as many, and so on to the last two, which train
// for half of the steps (Kevin Jamieson, Ameet Talwalkar: Non-stochastic Best Arm
// Identification and Hyperparameter Optimization, AISTATS 2016,
// https://arxiv.org/abs/1502.07943).
//
// Unlike in the paper, a trial does not continue in the next round. It trains from the start,
// with a schedule of its own length: the learning rate falls to its end within every trial, as
// it will in the run itself.
//
// The zero value searches nothing.
type Search struct {
	Space  Space
	Trials int // each with values for all settings

	text string // that it was read from
}

// String returns the search as [ParseSearch] reads it, with spaces between the ranges.
func (s Search) String() string {
	if s.text != "" {
		return s.text
	}
	var parts []string
	for _, r := range s.Space {
		parts = append(parts, fmt.Sprintf("%s=%g..%g:%d", r.Key, r.Low, r.High, s.Trials))
	}
	return strings.Join(parts, " ")
}

// ParseSearch reads ranges NAME=LOW..HIGH:TRIALS. All must have the same number of trials.
func ParseSearch(texts []string) (Search, error) {
	s := Search{text: strings.Join(texts, " ")}
	for _, text := range texts {
		at := strings.LastIndex(text, ":")
		if at < 0 {
			return s, fmt.Errorf("study: search %q: write it NAME=LOW..HIGH:TRIALS", text)
		}
		trials, err := strconv.Atoi(text[at+1:])
		if err != nil || trials < 1 {
			return s, fmt.Errorf("study: search %q: %q is no number of trials", text, text[at+1:])
		}
		if s.Trials != 0 && s.Trials != trials {
			return s, fmt.Errorf("study: searches of %d and %d trials: they try all settings at once, give them the same number", s.Trials, trials)
		}
		s.Trials = trials
		r, err := ParseRange(text[:at])
		if err != nil {
			return s, err
		}
		if slices.ContainsFunc(s.Space, func(other Range) bool { return other.Key == r.Key }) {
			return s, fmt.Errorf("study: %s is searched twice: give one range", r.Key)
		}
		s.Space = append(s.Space, r)
	}
	return s, nil
}

// Trial is one run of a search.
type Trial struct {
	Name     string // fit for a folder's name
	Number   int    // of the settings, from 0
	Rung     int    // round of the search, from 0
	Settings []Setting
	Config   trainer.Config
}

// Rungs returns the number of trials of each round, and the share of the steps that they train
// for.
func (s Search) Rungs() (trials []int, shares []float64) {
	for n := s.Trials; n > 1; n = (n + 1) / 2 {
		trials = append(trials, n)
	}
	for i := range trials {
		shares = append(shares, math.Pow(2, float64(i-len(trials))))
	}
	return trials, shares
}

// ErrNoTrial is the error of a search whose trials have all diverged.
var ErrNoTrial = errors.New("study: every trial of the search diverged: search lower learning rates")

// Run searches settings for c and returns the best. The trials depend on c.Seed alone. try
// trains one trial and returns its validation score, the larger the better, or NaN if it
// diverged. An error of try ends the search. Of equal trials the earlier is better. The error
// is ErrNoTrial if all trials of a round diverged.
func (s Search) Run(c trainer.Config, try func(Trial) (float64, error)) ([]Setting, error) {
	type arm struct {
		Trial
		score float64
	}
	var arms []arm
	for i := range s.Trials {
		settings, err := s.Space.Draw(c, c.Seed, i)
		if err != nil {
			return nil, err
		}
		arms = append(arms, arm{Trial: Trial{Number: i, Settings: settings}})
	}
	trials, shares := s.Rungs()
	for rung, n := range trials {
		arms = arms[:min(n, len(arms))]
		for i := range arms {
			a := &arms[i]
			with, err := apply(c, a.Settings)
			if err != nil {
				return nil, err
			}
			a.Name = fmt.Sprintf("rung-%d_trial-%d", rung+1, a.Number+1)
			a.Rung, a.Config = rung, Scale(with, shares[rung])
			if a.score, err = try(a.Trial); err != nil {
				return nil, err
			}
		}
		arms = slices.DeleteFunc(arms, func(a arm) bool { return math.IsNaN(a.score) })
		slices.SortStableFunc(arms, func(a, b arm) int {
			return cmp.Or(cmp.Compare(b.score, a.score), a.Number-b.Number)
		})
		if len(arms) == 0 {
			return nil, ErrNoTrial
		}
	}
	if len(arms) == 0 {
		return nil, nil
	}
	return arms[0].Settings, nil
}

// Validate returns an error if the search does not fit c.
func (s Search) Validate(c trainer.Config) error {
	if s.Trials == 0 {
		return nil
	}
	_, err := s.Space.Draw(c, c.Seed, 0)
	return err
}

// Images returns the number of images that the search trains on at most, in runs like c.
func (s Search) Images(c trainer.Config) int64 {
	var images int64
	trials, shares := s.Rungs()
	for i, n := range trials {
		images += int64(n) * Scale(c, shares[i]).Steps * int64(c.Batch.Size)
	}
	return images
}
