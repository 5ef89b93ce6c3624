package data

import (
	"math"
	"reflect"
	"slices"
	"testing"
)

// sized is a set without pixels whose class n has sizes[n] images.
func sized(sizes ...int) *Set {
	set := &Set{Name: "sized", ClassNames: make([]string, len(sizes))}
	for class, n := range sizes {
		for range n {
			set.Labels = append(set.Labels, int32(class))
		}
	}
	return set
}

func even(classes, images int) *Set { return sized(slices.Repeat([]int{images}, classes)...) }

func TestSplitClassesPartsTheSet(t *testing.T) {
	for _, test := range []struct {
		classes                 int
		fractions               Fractions
		train, validation, test int
	}{
		{16, Fractions{}, 6, 2, 8},
		{403, Fractions{}, 151, 50, 202},
		{242, Fractions{}, 91, 30, 121},
		{10, Fractions{Test: 0.5}, 5, 0, 5},
		{10, Fractions{Validation: 0.2}, 8, 2, 0},
	} {
		set := even(test.classes, 3)
		split, err := SplitClasses(set, 1, test.fractions)
		if err != nil {
			t.Errorf("%d classes: %v", test.classes, err)
			continue
		}
		train, validation, held := split.Classes(set)
		if len(train) != test.train || len(validation) != test.validation || len(held) != test.test {
			t.Errorf("%d classes: parts %d, %d, %d", test.classes, len(train), len(validation), len(held))
		}
		classes := slices.Sorted(slices.Values(slices.Concat(train, validation, held)))
		if len(slices.Compact(classes)) != test.classes {
			t.Errorf("%d classes: parts overlap", test.classes)
		}
		images := slices.Sorted(slices.Values(slices.Concat(split.Train, split.Validation, split.Test)))
		for i, image := range images {
			if i != image {
				t.Fatalf("%d classes: image %d is missing or in two parts", test.classes, i)
			}
		}
		if len(images) != set.Len() {
			t.Errorf("%d classes: %d of %d images", test.classes, len(images), set.Len())
		}
	}
}

func TestSplitClassesFollowsTheSeed(t *testing.T) {
	set := sized(1, 5, 2, 4, 3, 3, 1, 6, 2, 2, 7, 1, 3, 2, 2, 4, 5, 1)
	a, err := SplitClasses(set, 3, Fractions{})
	if err != nil {
		t.Fatal(err)
	}
	again, _ := SplitClasses(set, 3, Fractions{})
	other, _ := SplitClasses(set, 4, Fractions{})
	if !reflect.DeepEqual(a, again) {
		t.Error("the same seed gives another split")
	}
	if reflect.DeepEqual(a, other) {
		t.Error("another seed gives the same split")
	}
}

func TestSplitClassesErrors(t *testing.T) {
	for _, test := range []struct {
		set       *Set
		fractions Fractions
		message   string
	}{
		{sized(), Fractions{}, "0 classes"},
		{even(5, 2), Fractions{}, "train 0"},
		{even(3, 2), Fractions{Test: 0.5}, "train 1"},
		{even(9, 2), Fractions{Test: 0.01}, "test 0"},
		{even(9, 2), Fractions{Test: -0.5}, "fractions test -0.5"},
		{even(9, 2), Fractions{Test: 0.5, Validation: 0.5}, "below 1"},
		{even(9, 2), Fractions{Test: math.NaN()}, "NaN"},
		{even(9, 2), Fractions{Test: math.Inf(1)}, "+Inf"},
	} {
		_, err := SplitClasses(test.set, 1, test.fractions)
		checkMessage(t, test.message, err, "split", test.message)
	}
}
