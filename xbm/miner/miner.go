// Package miner holds the miners of deep metric learning: each chooses, anchor by
// anchor, the pairs or triplets that a loss is to see.
//
// Each miner is a [pair.Miner]. Its comment states the rule, the source and every
// departure from it. A miner is a struct of its parameters; Validate tells of one
// out of its range. [Parse] makes a miner from a text, and [Mine] gives it to a
// loss:
//
//	l, err := miner.Mine(loss, "triplet-semihard:margin=0.3", nil)
//
// A miner serves one loss and one step at a time.
package miner

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

const (
	kind = "miner"
	none = "none"
)

// The distances that a miner can measure by.
const (
	cosine    = "cosine"
	euclidean = "euclidean"
)

// Mine returns the loss l with the miner that a text names; "" and "none" are no
// miner. A miner of triplets measures by the distance of the loss unless the text
// says otherwise. source is the random generator of a miner that draws; it may be
// nil for the others. A loss with class weights takes no miner.
func Mine(l pair.Loss, text string, source *rand.PCG) (pair.Loss, error) {
	if text == "" || text == none {
		return l, nil
	}
	if _, ok := l.(pair.ClassLoss); ok {
		return nil, fmt.Errorf("%s %q: a loss with weights for classes takes no miner: give miner %s", kind, text, none)
	}
	m, err := Parse(text, pair.TraitsOf(l).Euclidean, source)
	if err != nil {
		return nil, err
	}
	return &pair.Mined{Miner: m, Loss: l}, nil
}

// Parse returns the miner that a text names: its name, then, after a colon,
// parameters that differ from their defaults. Unknown names and parameters, and
// values out of range, are refused with what is known. isEuclidean says by which
// distance a miner of triplets measures unless the text says otherwise.
func Parse(text string, isEuclidean bool, source *rand.PCG) (pair.Miner, error) {
	m, err := table(isEuclidean, source).Parse(text)
	if err != nil {
		return nil, err
	}
	if s, ok := m.(pair.Seeded); ok && s.Random() == nil {
		return nil, fmt.Errorf("%s %q: it draws at random and needs a source", kind, text)
	}
	return m, nil
}

// Names lists the miners that [Mine] knows, with their parameters and defaults.
func Names() []string { return append([]string{none}, table(false, nil).Names()...) }

// named is an entry for a miner without variants.
func named[M interface {
	pair.Miner
	fields() []spec.Field
}](name string, build func() M) spec.Entry[pair.Miner] {
	return spec.Entry[pair.Miner]{Name: name, New: func(string) (pair.Miner, []spec.Field) {
		m := build()
		return m, m.fields()
	}}
}

// table is what a text can name, for a loss of the given distance.
func table(isEuclidean bool, source *rand.PCG) spec.Table[pair.Miner] {
	ofLoss := []string{cosine, euclidean}
	if isEuclidean {
		slices.Reverse(ofLoss)
	}
	triplets := func(name string, kind TripletKind) spec.Entry[pair.Miner] {
		return spec.Entry[pair.Miner]{Name: name, Variants: ofLoss, New: func(distance string) (pair.Miner, []spec.Field) {
			m := &Triplet{Kind: kind, Margin: 0.2, Euclidean: distance == euclidean}
			return m, m.fields()
		}}
	}
	return spec.Table[pair.Miner]{Kind: kind, Entries: []spec.Entry[pair.Miner]{
		{Name: "multi-similarity", Variants: []string{cosine, euclidean}, New: func(distance string) (pair.Miner, []spec.Field) {
			m := &MultiSimilarity{Euclidean: distance == euclidean, Epsilon: 0.1}
			return m, m.fields()
		}},
		{Name: "batch-hard", New: func(string) (pair.Miner, []spec.Field) { return &EasyHard{}, nil }},
		named("easy-hard", func() *EasyHard { return &EasyHard{Pos: Easy, Neg: Semihard} }),
		triplets("triplet-all", AllTriplets),
		triplets("triplet-hard", HardTriplets),
		triplets("triplet-semihard", SemihardTriplets),
		triplets("triplet-easy", EasyTriplets),
		named("distance-weighted", func() *DistanceWeighted {
			return &DistanceWeighted{Cutoff: 0.5, FarCutoff: 1.4, Source: source}
		}),
		{Name: "pair-margin", Variants: []string{euclidean, cosine}, New: func(distance string) (pair.Miner, []spec.Field) {
			m := &Margin{Euclidean: distance == euclidean, PosMargin: 0.2, NegMargin: 0.8}
			return m, m.fields()
		}},
	}}
}
