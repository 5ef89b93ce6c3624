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
// indices, ascending. Query and Gallery, where there are any, are parts of Test: then
// queries are compared with the gallery, and else each test image with all the others.
type Split struct {
	Train, Validation, Test []int
	Query, Gallery          []int
}

// SplitClasses shuffles the classes of s by seed and deals them to the parts. Of a set with
// an official split the test part is that, and so is validation where the split has it; else
// validation takes its share of the classes that remain: by default a quarter, else
// Validation / (1 - Test). Every part has at least
// two classes, but for a Validation or Test whose fraction is 0; a set with too few classes
// for that is an error, and so are fractions below 0 or that leave training nothing. The
// default fractions give way where they leave validation less.
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

// Limit keeps so many classes of the training part, drawn by seed.
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

// Noisy returns the set with wrong labels for a share of the images at index, drawn by
// seed: each gets one of another class among those of the index, all as likely. The other
// labels stay.
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
