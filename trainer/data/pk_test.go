package data

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// randomPK makes a set of random class sizes, a part of it to train on, and a sampler.
func randomPK(t *testing.T, draw *rand.Rand) (*PK, *Set, []int) {
	t.Helper()
	sizes := make([]int, 1+draw.IntN(12))
	for i := range sizes {
		sizes[i] = 1 + draw.IntN(9)
	}
	set := sized(sizes...)
	var index []int
	present := make(map[int32]bool)
	for _, i := range draw.Perm(set.Len()) {
		if draw.IntN(4) > 0 || len(index) == 0 {
			index = append(index, i)
			present[set.Labels[i]] = true
		}
	}
	pk, err := NewPK(set.Labels, index, 1+draw.IntN(len(present)), 1+draw.IntN(6), draw.Uint64())
	if err != nil {
		t.Fatal(err)
	}
	return pk, set, index
}

func TestPKBatches(t *testing.T) {
	draw := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		pk, set, index := randomPK(t, draw)
		available := make(map[int32][]int)
		for _, i := range index {
			available[set.Labels[i]] = append(available[set.Labels[i]], i)
		}
		var classes []int32
		dealt := make(map[int32][]int)
		batch := make([]int, pk.BatchSize())
		for range 25 {
			pk.Next(batch)
			seen := make(map[int32]bool)
			for group := range slices.Chunk(batch, pk.perClass) {
				label := set.Labels[group[0]]
				if seen[label] {
					t.Fatalf("class %d twice in batch %v", label, batch)
				}
				seen[label] = true
				classes = append(classes, label)
				dealt[label] = append(dealt[label], group...)
				for k, i := range group {
					if set.Labels[i] != label || !slices.Contains(available[label], i) {
						t.Fatalf("image %d among those of class %d", i, label)
					}
					if len(available[label]) >= pk.perClass && slices.Contains(group[:k], i) {
						t.Fatalf("image %d twice in %v of %v", i, group, available[label])
					}
				}
			}
		}
		for round := range slices.Chunk(classes, len(available)) {
			slices.Sort(round)
			if len(slices.Compact(round)) != len(round) {
				t.Fatalf("a class came twice in one round of %d", len(available))
			}
		}
		for label, images := range dealt {
			for round := range slices.Chunk(images, len(available[label])) {
				slices.Sort(round)
				if len(slices.Compact(round)) != len(round) {
					t.Fatalf("class %d: an image came again before all had come", label)
				}
			}
		}
	}
}

func TestPKDependsOnTheImagesAndTheSeed(t *testing.T) {
	set := even(9, 5)
	index := cards(set.Len())
	batches := func(index []int, seed uint64) (all []int) {
		pk, err := NewPK(set.Labels, index, 4, 3, seed)
		if err != nil {
			t.Fatal(err)
		}
		batch := make([]int, pk.BatchSize())
		for range 40 {
			pk.Next(batch)
			all = append(all, batch...)
		}
		return all
	}
	want := batches(index, 1)
	backwards := slices.Clone(index)
	slices.Reverse(backwards)
	if !slices.Equal(batches(backwards, 1), want) {
		t.Error("the order of the images changes the batches")
	}
	if !slices.Equal(index, cards(set.Len())) {
		t.Error("the sampler changed its argument")
	}
	if slices.Equal(batches(index, 2), want) {
		t.Error("the seed does not change the batches")
	}
}

func TestNewPKErrors(t *testing.T) {
	labels := []int32{0, 0, 1, 1, 2}
	for _, test := range []struct {
		index             []int
		classes, perClass int
		message           string
	}{
		{[]int{0, 2}, 3, 1, "3 classes a batch, but only 2"},
		{nil, 1, 1, "only 0"},
		{[]int{0, 2}, 0, 1, "0 classes × 1 images"},
		{[]int{0, 2}, 2, 0, "2 classes × 0 images"},
		{[]int{0, 5}, 1, 1, "image 5: the set has 5"},
		{[]int{0, -1}, 1, 1, "image -1"},
		{[]int{3, 0, 3}, 1, 1, "image 3 is listed twice"},
	} {
		_, err := NewPK(labels, test.index, test.classes, test.perClass, 1)
		checkMessage(t, test.message, err, "PK sampler", test.message)
	}
}

func TestNextPanicsOnShape(t *testing.T) {
	pk, err := NewPK([]int32{0, 1}, []int{0, 1}, 2, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic for 5 of 6 images")
		}
	}()
	pk.Next(make([]int, 5))
}

func BenchmarkPK(b *testing.B) {
	set := even(1000, 12)
	pk, err := NewPK(set.Labels, cards(set.Len()), 16, 4, 1)
	if err != nil {
		b.Fatal(err)
	}
	batch := make([]int, pk.BatchSize())
	for b.Loop() {
		pk.Next(batch)
	}
}
