package study

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"crossbatch/trainer"
)

// Range is an interval in which a search looks for one setting.
type Range struct {
	Key       string // as in a Setting
	Low, High float64
	Linear    bool // uniform over the range, not over its logarithm

	text string // that it was read from
}

// ParseRange reads NAME=LOW..HIGH. Values are uniform over the logarithm if LOW is above 0,
// and uniform over the range if not.
func ParseRange(text string) (Range, error) {
	key, bounds, _ := strings.Cut(text, "=")
	lowText, highText, ok := strings.Cut(bounds, "..")
	low, err := strconv.ParseFloat(lowText, 64)
	if err == nil && ok {
		var high float64
		if high, err = strconv.ParseFloat(highText, 64); err == nil && low < high && !math.IsInf(high-low, 0) {
			return Range{Key: key, Low: low, High: high, Linear: low <= 0, text: text}, nil
		}
	}
	return Range{}, fmt.Errorf("study: %q is no range: write it NAME=LOW..HIGH with LOW below HIGH, such as lr=1e-4..1e-2", text)
}

// String returns the range with its kind: lr=0.0003..0.03 (log).
func (r Range) String() string {
	shape := "log"
	if r.Linear {
		shape = "even"
	}
	return fmt.Sprintf("%s=%g..%g (%s)", r.Key, r.Low, r.High, shape)
}

// written is the range as ParseRange reads it.
func (r Range) written() string {
	if r.text != "" {
		return r.text
	}
	return fmt.Sprintf("%s=%g..%g", r.Key, r.Low, r.High)
}

// at is the value at u from 0 to 1, to four digits.
func (r Range) at(u float64) float64 {
	x := r.Low + u*(r.High-r.Low)
	if !r.Linear {
		x = r.Low * math.Pow(r.High/r.Low, u)
	}
	x, _ = strconv.ParseFloat(strconv.FormatFloat(x, 'g', 4, 64), 64)
	return max(r.Low, min(r.High, x))
}

// Space is the space of a search: the product of its ranges.
type Space []Range

// searchStream parts the random draws of searches from that of trainings.
const searchStream = 0x5ea7c4

// text is the ranges as ParseRange reads them.
func (s Space) text() string {
	var parts []string
	for _, r := range s {
		parts = append(parts, r.written())
	}
	return strings.Join(parts, " ")
}

// Draw returns the settings of trial i, from 0, of a random search (James Bergstra, Yoshua
// Bengio: Random Search for Hyper-Parameter Optimization, JMLR 13, 2012,
// https://www.jmlr.org/papers/v13/bergstra12a.html). They depend on seed, i and the order of
// the ranges. Searches over the same ranges therefore try the same values, and a longer search
// begins like a shorter one.
func (s Space) Draw(c trainer.Config, seed uint64, i int) ([]Setting, error) {
	return s.settings(c, s.point(seed, i))
}

// point is trial i of a random search in the unit cube.
func (s Space) point(seed uint64, i int) []float64 {
	random := rand.New(rand.NewPCG(seed, searchStream+uint64(i)))
	point := make([]float64, len(s))
	for k := range point {
		point[k] = random.Float64()
	}
	return point
}

// settings are what a point of the unit cube stands for.
func (s Space) settings(c trainer.Config, point []float64) ([]Setting, error) {
	var settings []Setting
	for k, r := range s {
		x := r.at(point[k])
		whole, err := r.whole(c)
		if err != nil {
			return nil, err
		}
		if whole {
			x = math.Round(x)
		}
		settings = append(settings, Setting{r.Key, strconv.FormatFloat(x, 'g', -1, 64)})
	}
	return settings, nil
}

// whole tells whether the setting takes whole numbers only. It returns an error
// where it does not take a number of the range at all.
func (r Range) whole(c trainer.Config) (bool, error) {
	try := func(x float64) error {
		_, err := apply(c, []Setting{{r.Key, strconv.FormatFloat(x, 'g', -1, 64)}})
		return err
	}
	low, high := math.Ceil(r.Low), math.Floor(r.High)
	middle := r.at(0.5)
	if middle == math.Trunc(middle) {
		middle = math.Nextafter(middle, r.High)
	}
	err := try(middle)
	if err == nil {
		return false, nil
	}
	if low <= high && try(low) == nil && try(high) == nil {
		return true, nil
	}
	return false, fmt.Errorf("study: range %s: %w", r, err)
}

// apply returns c with settings.
func apply(c trainer.Config, settings []Setting) (trainer.Config, error) {
	for _, s := range settings {
		if err := s.Apply(&c); err != nil {
			return c, err
		}
	}
	return c, c.Validate()
}
