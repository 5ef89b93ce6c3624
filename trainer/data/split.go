package data

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// minPartClasses is the least number of classes of a part that isn't empty: a score or a
// loss needs images of another class.
const minPartClasses = 2

// Fractions are the parts of the classes, each rounded to whole classes; training gets the
// rest. The zero value stands for a half test and an eighth validation. Otherwise the
// fields are taken as they are: Fractions{Test: 0.5} has no validation.
type Fractions struct {
	Test, Validation float64
}

// Split parts the images of a set so that no class is in two parts. Each part holds image
// indices, ascending.
type Split struct {
	Train, Validation, Test []int
}

// SplitClasses shuffles the classes of s by seed and deals them to the parts. Every part
// has at least two classes, but for a Validation or Test whose fraction is 0; a set with
// too few classes for that is an error, and so are fractions below 0 or that leave
// training nothing.
func SplitClasses(s *Set, seed uint64, fractions Fractions) (Split, error) {
	if fractions == (Fractions{}) {
		fractions = Fractions{Test: 0.5, Validation: 0.125}
	}
	// Written so that NaN is refused, too.
	if !(fractions.Test >= 0 && fractions.Validation >= 0 && fractions.Test+fractions.Validation < 1) {
		return Split{}, fmt.Errorf("data: split: fractions test %v, validation %v: give two of at least 0 whose sum is below 1",
			fractions.Test, fractions.Validation)
	}
	classes := s.Classes()
	test := int(math.Round(fractions.Test * float64(classes)))
	validation := int(math.Round(fractions.Validation * float64(classes)))
	train := classes - test - validation
	if train < minPartClasses ||
		fractions.Test > 0 && test < minPartClasses ||
		fractions.Validation > 0 && validation < minPartClasses {
		return Split{}, fmt.Errorf("data: split: %s has %d classes, which gives train %d, validation %d, test %d: each needs %d, take a larger set or other fractions",
			s.Name, classes, train, validation, test, minPartClasses)
	}

	part := make([]*[]int, classes)
	var split Split
	for place, class := range rand.New(rand.NewPCG(seed, 0)).Perm(classes) {
		switch {
		case place < test:
			part[class] = &split.Test
		case place < test+validation:
			part[class] = &split.Validation
		default:
			part[class] = &split.Train
		}
	}
	for i, label := range s.Labels {
		*part[label] = append(*part[label], i)
	}
	return split, nil
}

// Classes returns the classes of each part of a split of s, ascending.
func (p Split) Classes(s *Set) (train, validation, test []int32) {
	of := func(index []int) []int32 {
		classes := make([]int32, len(index))
		for k, i := range index {
			classes[k] = s.Labels[i]
		}
		slices.Sort(classes)
		return slices.Compact(classes)
	}
	return of(p.Train), of(p.Validation), of(p.Test)
}
