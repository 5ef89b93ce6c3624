package data

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// PK samples batches of P distinct classes with K images each.
//
// Classes are drawn in shuffled rounds: no class comes again before all have come, and no
// class is twice in a batch, even if a round ends within it. The images of a class are drawn
// in the same way: each once, then the class is shuffled again. The K images of a class in one
// batch are distinct. Only a class of fewer than K images repeats some in a batch, each as
// often as any other, give or take one.
//
// The batches depend on the labels, the set of images, P, K and the seed, and on nothing else.
// There are no epochs. The order of the images and the number of processors do not matter.
// AppendBinary saves the state between two batches.
//
// A PK comes from NewPK; the zero value cannot be used. It is not safe for concurrent use.
type PK struct {
	perBatch, perClass int
	seed               uint64
	labels             []int32 // ascending; deck n holds the images of labels[n]
	images             []deck
	classes            deck // of positions in labels
	source             *rand.PCG
	drawn              []int // the classes of a batch
}

// NewPK returns a sampler over the images at index of a set with these labels. A batch has
// classes (P) classes with perClass (K) images each. The sampler keeps no reference to its
// arguments. It is an error if P or K is below 1, if index has fewer than P classes, or if an
// index is outside labels or comes twice.
func NewPK(labels []int32, index []int, classes, perClass int, seed uint64) (*PK, error) {
	if classes < 1 || perClass < 1 {
		return nil, fmt.Errorf("data: PK sampler: %d classes × %d images: give at least 1 of each", classes, perClass)
	}
	byClass := make(map[int32][]int)
	seen := make([]bool, len(labels))
	for _, i := range index {
		if i < 0 || i >= len(labels) {
			return nil, fmt.Errorf("data: PK sampler: image %d: the set has %d images: split that set", i, len(labels))
		}
		if seen[i] {
			return nil, fmt.Errorf("data: PK sampler: image %d is listed twice: list it once", i)
		}
		seen[i] = true
		byClass[labels[i]] = append(byClass[labels[i]], i)
	}
	if classes > len(byClass) {
		return nil, fmt.Errorf("data: PK sampler: %d classes a batch, but only %d to train on: take fewer classes or more images a class", classes, len(byClass))
	}
	pk := &PK{
		perBatch: classes, perClass: perClass, seed: seed,
		source: rand.NewPCG(seed, 0),
		drawn:  make([]int, classes),
	}
	for label := range byClass {
		pk.labels = append(pk.labels, label)
	}
	slices.Sort(pk.labels)
	positions := make([]int, len(pk.labels))
	for n, label := range pk.labels {
		positions[n] = n
		slices.Sort(byClass[label])
		pk.images = append(pk.images, newDeck(byClass[label]))
	}
	pk.classes = newDeck(positions)
	return pk, nil
}

// BatchSize returns P × K.
func (pk *PK) BatchSize() int { return pk.perBatch * pk.perClass }

// Next stores the image indices of the next batch in dst. The K images of a class are
// adjacent. It panics if len(dst) is not BatchSize.
func (pk *PK) Next(dst []int) {
	if len(dst) != pk.BatchSize() {
		panic(fmt.Sprintf("data: PK sampler: dst holds %d images, a batch has %d", len(dst), pk.BatchSize()))
	}
	draw := rand.New(pk.source)
	pk.classes.deal(pk.drawn, draw)
	for n, class := range pk.drawn {
		pk.images[class].deal(dst[n*pk.perClass:][:pk.perClass], draw)
	}
}
