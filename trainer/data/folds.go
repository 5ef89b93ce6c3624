package data

import (
	"fmt"
	"math/rand/v2"
)

// Fold is one part of a cross-validation over classes, as Kevin Musgrave, Serge Belongie
// and Ser-Nam Lim do it in A Metric Learning Reality Check (ECCV 2020,
// https://arxiv.org/abs/2003.08505, section 3.2): the first half of the classes are for
// training and validation, the second half are the test of every fold. Fold n of k starts
// the first half at its n/k-th class and takes from there on, going round, first the
// classes to train on and then those to validate on.
type Fold struct {
	Of, Number int // folds in all, at least 2; which one, from 0
	// Shuffle deals the classes in an order drawn by Seed, in which the test half is that
	// of SplitClasses. Otherwise they are in the order of their labels, as in the paper.
	Shuffle bool
	Seed    uint64
}

// FoldClasses parts the set as one fold has it. Of C classes int(C/2) are the test, and
// int(C/2k) of each fold validate (C/8 with four folds); training has the rest. Of a set
// with an official split the test part is that, and the k-th part of the other classes
// validates. Every part has at least two classes, or there is an error.
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
