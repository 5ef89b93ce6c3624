package data

import (
	"fmt"
	"math/rand/v2"
)

// Fold is one fold of a cross-validation over classes, by Kevin Musgrave, Serge Belongie,
// Ser-Nam Lim: A Metric Learning Reality Check (ECCV 2020, https://arxiv.org/abs/2003.08505,
// section 3.2). The first half of the classes is for training and validation; the second half
// is the test of every fold. Fold n of k starts at the n/k-th class of the first half and goes
// round: first come the classes to train on, then those to validate on.
type Fold struct {
	Of, Number int // number of folds, at least 2; index of this one, from 0
	// Shuffle shuffles the classes by Seed first; the test half is then that of SplitClasses.
	// Otherwise the classes are in the order of their labels, as in the paper.
	Shuffle bool
	Seed    uint64
}

// FoldClasses returns the split of one fold. Of C classes int(C/2) are the test, and int(C/2k)
// are the validation of each of k folds (C/8 with four folds). Training has the rest. If the
// set has an official split, its test part is the test, and each fold validates on the k-th
// part of the other classes. It is an error if a part has fewer than two classes.
func FoldClasses(s *Set, f Fold) (Split, error) {
	if f.Of < 2 || f.Number < 0 || f.Number >= f.Of {
		return Split{}, fmt.Errorf("data: fold %d of %d: give 0 to one less than the folds, of at least 2", f.Number, f.Of)
	}
	order := make([]int, s.Classes())
	for c := range order {
		order[c] = c
	}
	test := int(float64(len(order)) * 0.5)
	if f.Shuffle {
		order = rand.New(rand.NewPCG(f.Seed, 0)).Perm(len(order))
		order = append(order[test:], order[:test]...) // SplitClasses has the test first
	}
	validation := int(float64(len(order)) * 0.5 / float64(f.Of))
	open := order[:len(order)-test]
	if s.Official != nil {
		tested := make([]bool, s.Classes())
		for _, i := range s.Official.Test {
			tested[s.Labels[i]] = true
		}
		open, test = nil, 0
		for _, c := range order {
			if tested[c] {
				test++
			} else {
				open = append(open, c)
			}
		}
		validation = len(open) / f.Of
	}
	train := len(open) - validation
	if min(train, validation, test) < minPartClasses {
		return Split{}, fmt.Errorf("data: %d folds: %s has %d classes, which gives train %d, validation %d, test %d: each needs %d, take a larger set or fewer folds",
			f.Of, s.Name, s.Classes(), train, validation, test, minPartClasses)
	}
	start := int(float64(f.Number) / float64(f.Of) * float64(len(open)))
	var split Split
	part := make([]*[]int, s.Classes())
	for c := range part {
		part[c] = &split.Test
	}
	for k := range open {
		class := open[(start+k)%len(open)]
		part[class] = &split.Train
		if k >= train {
			part[class] = &split.Validation
		}
	}
	for i, label := range s.Labels {
		*part[label] = append(*part[label], i)
	}
	if s.Official != nil && len(s.Official.Query) > 0 {
		split.Query, split.Gallery = s.Official.Query, s.Official.Gallery
	}
	return split, nil
}
