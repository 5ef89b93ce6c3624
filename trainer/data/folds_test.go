package data

import (
	"fmt"
	"slices"
	"testing"
)

// classSet is a set of so many classes of two images each.
func classSet(classes int) *Set {
	s := &Set{Name: "classes", Channels: 1, Height: 1, Width: 1}
	for c := range classes {
		s.ClassNames = append(s.ClassNames, fmt.Sprint(c))
		s.Labels = append(s.Labels, int32(c), int32(c))
	}
	s.Pixels = make([]uint8, len(s.Labels))
	return s
}

func between(from, to int32) (classes []int32) {
	for c := from; c < to; c++ {
		classes = append(classes, c)
	}
	return classes
}

// The paper's code (powerful-benchmarker, the branch of the paper's name) takes
// int(0.125·C) classes to validate on and int(0.5·C) to test on, and starts fold p of 4 at
// int(p/4·C/2): for the 200 classes of CUB-200-2011 folds of 75, 25 and 100 classes.
func TestFoldsAreThoseOfTheRealityCheck(t *testing.T) {
	for fold, want := range []struct{ train, validation []int32 }{
		{between(0, 75), between(75, 100)},
		{between(25, 100), between(0, 25)},
		{slices.Concat(between(0, 25), between(50, 100)), between(25, 50)},
		{slices.Concat(between(0, 50), between(75, 100)), between(50, 75)},
	} {
		s := classSet(200)
		split, err := FoldClasses(s, Fold{Of: 4, Number: fold})
		if err != nil {
			t.Fatal(err)
		}
		train, validation, test := split.Classes(s)
		if !slices.Equal(train, want.train) || !slices.Equal(validation, want.validation) || !slices.Equal(test, between(100, 200)) {
			t.Errorf("fold %d: train %v, validation %v, test %v", fold, train, validation, test)
		}
	}
	// Of 98 + 98 + 1 classes, int(197/8) = 24 and int(197/2) = 98.
	split, err := FoldClasses(classSet(197), Fold{Of: 4, Number: 3})
	if err != nil {
		t.Fatal(err)
	}
	train, validation, test := split.Classes(classSet(197))
	if len(train) != 75 || len(validation) != 24 || len(test) != 98 || validation[0] != 50 { // int(3/4·99) = 74 to 99, 0 to 49, then 50 to 73
		t.Errorf("%d, %d and %d classes, validation from %d", len(train), len(validation), len(test), validation[0])
	}
}

func TestFoldsPartTheClasses(t *testing.T) {
	for _, classes := range []int{16, 37, 101} {
		for _, folds := range []int{2, 3, 4} {
			for _, shuffle := range []bool{false, true} {
				s := classSet(classes)
				validated := map[int32]int{}
				var tested []int32
				for n := range folds {
					split, err := FoldClasses(s, Fold{Of: folds, Number: n, Shuffle: shuffle, Seed: 3})
					if err != nil {
						t.Fatal(err)
					}
					train, validation, test := split.Classes(s)
					if all := slices.Concat(train, validation, test); len(all) != classes {
						t.Errorf("%d classes, fold %d of %d: %v, %v, %v", classes, n, folds, train, validation, test)
					}
					if n > 0 && !slices.Equal(test, tested) {
						t.Errorf("fold %d tests on other classes than the one before", n)
					}
					tested = test
					for _, c := range validation {
						validated[c]++
					}
				}
				for c, times := range validated {
					if times > 1 {
						t.Errorf("%d classes, %d folds: class %d validates %d times", classes, folds, c, times)
					}
				}
			}
		}
	}
}

func TestShuffledFoldsTestOnTheClassesOfTheSplit(t *testing.T) {
	s := classSet(40)
	fold, err := FoldClasses(s, Fold{Of: 4, Shuffle: true, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	split, err := SplitClasses(s, 5, Fractions{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(fold.Test, split.Test) {
		t.Errorf("the folds test on %v, the split on %v", fold.Test, split.Test)
	}
}

func TestFoldsKeepAnOfficialTest(t *testing.T) {
	s := classSet(20)
	s.Official = &Official{Train: []int{0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22}, Test: []int{24, 26, 28, 30, 32, 34, 36, 38}, Query: []int{24}, Gallery: []int{26}}
	split, err := FoldClasses(s, Fold{Of: 4, Number: 1})
	if err != nil {
		t.Fatal(err)
	}
	train, validation, test := split.Classes(s)
	if !slices.Equal(train, between(3, 12)) || !slices.Equal(validation, between(0, 3)) || !slices.Equal(test, between(12, 20)) || len(split.Query) != 1 || len(split.Gallery) != 1 {
		t.Errorf("train %v, validation %v, test %v", train, validation, test)
	}
}

func TestFoldsThatCannotBeAreRefused(t *testing.T) {
	for _, f := range []Fold{{Of: 1}, {Of: 4, Number: 4}, {Of: 4, Number: -1}, {Of: 8}} {
		if _, err := FoldClasses(classSet(24), f); err == nil {
			t.Errorf("%+v is accepted", f)
		}
	}
}
