package optim

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Schedule gives the learning rate of each step.
type Schedule struct {
	// Name is the shape:
	//
	//	constant  the same rate throughout (default when empty)
	//	cosine    half a cosine from the rate down to 0 (Loshchilov & Hutter,
	//	          SGDR, ICLR 2017, https://arxiv.org/abs/1608.03983, without restarts)
	//	step      a tenth of the rate from 70 % of the steps on, as the cross-batch
	//	          memory paper does (24,000 of 34,000)
	Name   string
	Rate   float64 // the rate at its highest, above 0
	Steps  int64   // steps of the whole training
	Warmup int64   // steps over which the rate rises from near 0, 0 or more
}

type shape struct {
	name string
	at   func(rate float64, step, steps int64) float64
}

// shapes are what becomes of the highest rate at a step, the default first.
func shapes() []shape {
	return []shape{
		{"constant", func(rate float64, _, _ int64) float64 { return rate }},
		{"cosine", func(rate float64, step, steps int64) float64 {
			return rate * ((1 + math.Cos(math.Pi*min(1, float64(step)/float64(steps)))) / 2)
		}},
		{"step", func(rate float64, step, steps int64) float64 {
			if 10*step >= 7*steps {
				return rate / 10
			}
			return rate
		}},
	}
}

// Schedules lists the shapes, the default first.
func Schedules() (names []string) {
	for _, s := range shapes() {
		names = append(names, s.name)
	}
	return names
}

// Validate returns an error that names the first field out of its range.
func (s Schedule) Validate() error {
	if s.Name != "" && !slices.Contains(Schedules(), s.Name) {
		return fmt.Errorf("optim: there is no schedule %q: known are %s", s.Name, strings.Join(Schedules(), ", "))
	}
	if !(s.Rate > 0) || math.IsInf(s.Rate, 0) {
		return fmt.Errorf("optim: the learning rate is %g: give a value above 0", s.Rate)
	}
	if s.Warmup < 0 {
		return fmt.Errorf("optim: the warm-up is %d steps: give 0 or more", s.Warmup)
	}
	return nil
}

// At returns the learning rate of a step, counted from 0.
func (s Schedule) At(step int64) float64 {
	rate := s.Rate
	if step < s.Warmup {
		rate *= float64(step+1) / float64(s.Warmup+1)
	}
	for _, shape := range shapes() {
		if shape.name == s.Name {
			rate = shape.at(rate, step, s.Steps)
		}
	}
	return rate
}
