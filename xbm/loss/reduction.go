package loss

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// Reduction is how the terms of a loss become its value: by which number their sum is
// divided. What the terms are, pairs, triplets or anchors, the comment of each loss
// says; where positive and negative pairs have a term each, both kinds are divided by
// their own number, and the two are added up. A term counts as often as a miner chose
// its pair.
type Reduction string

// The reductions. In pytorch-metric-learning OverActive is the AvgNonZeroReducer,
// OverPairs the MeanReducer and Sum the SumReducer; OverAnchors is that of the paper on
// cross-batch memory (arXiv 1912.06798, equation 3).
const (
	// Usual is the loss's own, one of the others.
	Usual Reduction = ""
	// OverActive divides by the number of terms that are not zero. Neither the batch
	// nor the memory makes the value grow, and few terms weigh as much as many. Terms
	// of losses without a hinge are never zero where there is a negative.
	OverActive Reduction = "active"
	// OverAnchors divides by the number of anchors, whatever pairs they have: the terms
	// of each anchor are added up, so the value grows with the columns. An anchor that
	// has few pairs, or none, counts for little, or nothing.
	OverAnchors Reduction = "anchors"
	// OverPairs divides by the number of terms, zero or not: of pairs, of triplets or,
	// of losses with a term an anchor, of the anchors that have one. Terms that are
	// zero, most of those against a memory, thin out the others.
	OverPairs Reduction = "pairs"
	// Sum divides by nothing.
	Sum Reduction = "sum"
)

// Reductions lists what [Parse] takes.
func Reductions() []Reduction { return []Reduction{OverActive, OverAnchors, OverPairs, Sum} }

// Reduce sets the reduction of a loss whose own is Usual, and reports whether it has
// one at all: losses that are no mean of terms have none.
func Reduce(l pair.Loss, r Reduction) bool {
	for _, f := range fieldsOf(l) {
		if c, ok := f.At.(*reduction); ok {
			if *c.at == Usual {
				*c.at = r
			}
			return true
		}
	}
	return false
}

func fieldsOf(l pair.Loss) []spec.Field {
	if m, ok := l.(*MarginSoftmax); ok {
		return m.cosFaceFields()
	}
	if d, ok := l.(interface{ fields() []spec.Field }); ok {
		return d.fields()
	}
	return nil
}

// or is r, or else the usual one.
func (r Reduction) or(usual Reduction) Reduction {
	if r == Usual {
		return usual
	}
	return r
}

// divisor is what a sum of terms is divided by; 0 where there are none.
func (r Reduction) divisor(active, pairs float64, anchors int) float64 {
	switch r {
	case OverActive:
		return active
	case OverPairs:
		return pairs
	case OverAnchors:
		return float64(anchors)
	}
	return 1
}

// scale is 1 over the divisor, or 0.
func (r Reduction) scale(active, pairs float64, anchors int) float64 {
	if n := r.divisor(active, pairs, anchors); n > 0 {
		return 1 / n
	}
	return 0
}

// reduction is the parameter of a loss whose usual one is given.
type reduction struct {
	at    *Reduction
	usual Reduction
}

func reductionField(at *Reduction, usual Reduction) spec.Field {
	return spec.Field{Key: "reduction", At: &reduction{at, usual}}
}

func (c *reduction) String() string { return string(c.at.or(c.usual)) }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (c *reduction) UnmarshalText(text []byte) error {
	*c.at = Reduction(text)
	if *c.at == Usual {
		return errUnknownReduction()
	}
	return c.at.check()
}

// Validate is for values that were not set by text.
func (c *reduction) Validate() error {
	if err := c.at.check(); err != nil {
		return fmt.Errorf("reduction is %q: %w", *c.at, err)
	}
	return nil
}

func (r Reduction) check() error {
	if r == Usual || slices.Contains(Reductions(), r) {
		return nil
	}
	return errUnknownReduction()
}

func errUnknownReduction() error {
	var names []string
	for _, r := range Reductions() {
		names = append(names, string(r))
	}
	return errors.New("give one of " + strings.Join(names, ", "))
}
