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

// Fractions are the shares of the classes for test and validation, each rounded to whole
// classes. Training gets the rest. The zero value stands for one half and one eighth. Any
// other value is taken as it is: Fractions{Test: 0.5} has no validation.
type Fractions struct {
	Test, Validation float64
}

// Split is a split of the images of a set: no class is in two parts. Each part has image
// indices, ascending. Query and Gallery are parts of Test, or nil. With them, each query is
// compared with the gallery; without, each test image with all the others.
type Split struct {
	Train, Validation, Test []int
	Query, Gallery          []int
}

// SplitClasses shuffles the classes of s by seed and assigns them to the parts. If the set has
// an official split, its test part is the test, and its validation part, if any, the
// validation. Without an official validation part, validation gets its share of the classes
// that are not test: by default a quarter, else Validation / (1 - Test). Every part must have
// at least two classes, except a part whose fraction is 0; otherwise it is an error. So are
// fractions below 0, or with a sum of 1 or more. The default fractions are raised to give
// validation two classes.
func SplitClasses(s *Set, seed uint64, fractions Fractions) (Split, error) {
	byDefault := fractions == (Fractions{})
	if byDefault {
		fractions = Fractions{Test: 0.5, Validation: 0.125}
	}
	// Written so that NaN is refused, too.
	if !(fractions.Test >= 0 && fractions.Validation >= 0 && fractions.Test+fractions.Validation < 1) {
		return Split{}, fmt.Errorf("data: split: fractions test %v, validation %v: give two of at least 0 whose sum is below 1",
			fractions.Test, fractions.Validation)
	}
	const (
		inTrain = iota
		inValidation
		inTestPart
	)
	part := make([]int, s.Classes())
	var test, validation int // classes that the seed deals, of those that are open
	tested, validated, err := s.official(func(class int32, isTest bool) {
		part[class] = inValidation
		if isTest {
			part[class] = inTestPart
		}
	})
	if err != nil {
		return Split{}, err
	}
	open := s.Classes() - tested - validated
	if s.Official == nil {
		test = int(math.Round(fractions.Test * float64(open)))
		validation = int(math.Round(fractions.Validation * float64(open)))
	} else if validated == 0 {
		validation = int(math.Round(fractions.Validation / (1 - fractions.Test) * float64(open)))
	}
	if byDefault && validated == 0 {
		validation = max(validation, minPartClasses)
	}
	train := open - test - validation
	if train < minPartClasses ||
		fractions.Test > 0 && tested+test < minPartClasses ||
		fractions.Validation > 0 && validated+validation < minPartClasses {
		return Split{}, fmt.Errorf("data: split: %s has %d classes, which gives train %d, validation %d, test %d: each needs %d, take a larger set or other fractions",
			s.Name, s.Classes(), train, validated+validation, tested+test, minPartClasses)
	}
	place := 0
	for _, class := range rand.New(rand.NewPCG(seed, 0)).Perm(s.Classes()) {
		if part[class] != inTrain {
			continue
		}
		switch {
		case place < test:
			part[class] = inTestPart
		case place < test+validation:
			part[class] = inValidation
		}
		place++
	}
	var split Split
	parts := [...]*[]int{inTrain: &split.Train, inValidation: &split.Validation, inTestPart: &split.Test}
	for i, label := range s.Labels {
		p := parts[part[label]]
		*p = append(*p, i)
	}
	if s.Official != nil && len(s.Official.Query) > 0 {
		split.Query, split.Gallery = s.Official.Query, s.Official.Gallery
	}
	if err := split.Check(s); err != nil {
		return Split{}, err
	}
	return split, nil
}

// Limit returns p with only classes of the training classes, drawn by seed. It is an error if
// classes is below two or above their number.
func (p Split) Limit(s *Set, classes int, seed uint64) (Split, error) {
	have, _, _ := p.Classes(s)
	if classes < minPartClasses || classes > len(have) {
		return Split{}, fmt.Errorf("data: split: %d training classes of %d: give %d to %d", classes, len(have), minPartClasses, len(have))
	}
	kept := map[int32]bool{}
	for _, c := range rand.New(rand.NewPCG(seed, 1)).Perm(len(have))[:classes] {
		kept[have[c]] = true
	}
	p.Train = slices.DeleteFunc(slices.Clone(p.Train), func(i int) bool { return !kept[s.Labels[i]] })
	return p, nil
}

// Noisy returns a copy of the set with wrong labels for a share of the images at index. Each
// image is drawn with probability share, by seed, and gets another class of those of index,
// all equally likely. Other labels stay. The copy shares all but Labels with s, and is closed
// with it. It is an error if share is not in [0, 1], or if index has no two classes.
func (s *Set) Noisy(index []int, share float64, seed uint64) (*Set, error) {
	if !(share >= 0 && share <= 1) {
		return nil, fmt.Errorf("data: a share of %v wrong labels: give 0 to 1", share)
	}
	classes, _, _ := Split{Train: index}.Classes(s)
	if len(classes) < 2 && share > 0 {
		return nil, fmt.Errorf("data: wrong labels of %d classes: there is no other", len(classes))
	}
	noisy := *s
	noisy.Labels = slices.Clone(s.Labels)
	rng := rand.New(rand.NewPCG(seed, 2))
	for _, i := range index {
		if rng.Float64() >= share {
			continue
		}
		own, _ := slices.BinarySearch(classes, s.Labels[i])
		other := rng.IntN(len(classes) - 1)
		if other >= own {
			other++
		}
		noisy.Labels[i] = classes[other]
	}
	return &noisy, nil
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
