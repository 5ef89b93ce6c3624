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

func TestLimit(t *testing.T) {
	set := even(24, 3)
	split, err := SplitClasses(set, 1, Fractions{})
	if err != nil {
		t.Fatal(err)
	}
	few, err := split.Limit(set, 4, 7)
	if err != nil {
		t.Fatal(err)
	}
	train, _, _ := few.Classes(set)
	all, _, _ := split.Classes(set)
	if len(train) != 4 || len(few.Train) != 12 || len(all) != 9 || !slices.Equal(few.Test, split.Test) || !slices.Equal(few.Validation, split.Validation) {
		t.Errorf("%d classes and %d images of %d classes", len(train), len(few.Train), len(all))
	}
	if again, _ := split.Limit(set, 4, 7); !slices.Equal(again.Train, few.Train) {
		t.Error("the same seed keeps other classes")
	}
	if other, _ := split.Limit(set, 4, 8); slices.Equal(other.Train, few.Train) {
		t.Error("another seed keeps the same classes")
	}
	for _, n := range []int{-1, 0, 1, 10} {
		_, err := split.Limit(set, n, 1)
		checkMessage(t, "classes", err, "training classes of 9: give 2 to 9")
	}
}

func TestNoisy(t *testing.T) {
	set := even(10, 100)
	index := cards(500)
	for _, share := range []float64{0, 0.3, 1} {
		noisy, err := set.Noisy(index, share, 3)
		if err != nil {
			t.Fatal(err)
		}
		wrong, taken := 0, make([]int, 10)
		for i, label := range noisy.Labels {
			if label != set.Labels[i] {
				wrong++
				taken[label]++
				if i >= 500 || label >= 5 {
					t.Errorf("image %d has label %d", i, label)
				}
			}
		}
		if math.Abs(float64(wrong)-500*share) > 40 {
			t.Errorf("share %g: %d of 500 labels are wrong", share, wrong)
		}
		for class, n := range taken[:5] {
			if math.Abs(float64(n)-100*share) > 40 {
				t.Errorf("share %g: class %d was given %d times", share, class, n)
			}
		}
		again, _ := set.Noisy(index, share, 3)
		other, _ := set.Noisy(index, share, 4)
		if !slices.Equal(again.Labels, noisy.Labels) || share > 0 && slices.Equal(other.Labels, noisy.Labels) {
			t.Errorf("share %g: the labels do not follow the seed", share)
		}
	}
	for _, share := range []float64{-0.1, 1.1, math.NaN()} {
		_, err := set.Noisy(index, share, 1)
		checkMessage(t, "share", err, "give 0 to 1")
	}
	_, err := set.Noisy(cards(100), 0.5, 1)
	checkMessage(t, "one class", err, "there is no other")
}
