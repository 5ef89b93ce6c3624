package run

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"crossbatch/xbm/loss"
)

// By hand: rows of one class at angles of 0° and 60°, of another at 90° and 210°. Of their
// four negative pairs the contrastive loss weighs the one above its margin alone, and its
// two positives alike; each half is a mean.
func TestPairWeightsByHand(t *testing.T) {
	var x []float32
	for _, degrees := range []float64{0, 60, 90, 210} {
		x = append(x, float32(3*math.Cos(degrees*math.Pi/180)), float32(3*math.Sin(degrees*math.Pi/180)))
	}
	w, err := PairWeights(x, 2, []int32{4, 4, 9, 9}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if w.Rows != 4 || w.Classes != 2 || len(w.Losses) != len(loss.Names()) {
		t.Errorf("%d rows, %d classes, %d losses", w.Rows, w.Classes, len(w.Losses))
	}
	bin := func(degrees float64) int { return int((math.Cos(degrees*math.Pi/180) + 1) / 2 * 40) }
	// From both of its rows, each pair counts. Of 60° and 90° the cosine is 0.87, above
	// the margin; of 0° and 90° it is 0, on the edge of two bins.
	positives, negatives := make([]float64, 40), make([]float64, 40)
	positives[bin(60.0001)], positives[bin(120.0001)] = 2, 2
	negatives[bin(30)], negatives[bin(150)] = 2, 4
	near := w.Pairs.Negatives[19] + w.Pairs.Negatives[20]
	w.Pairs.Negatives[19], w.Pairs.Negatives[20] = 0, 0
	if near != 2 || !reflect.DeepEqual(w.Pairs.Negatives, negatives) {
		t.Errorf("negatives %v and %g near 0", w.Pairs.Negatives, near)
	}
	var pos float64
	for _, n := range w.Pairs.Positives {
		pos += n
	}
	if pos != 4 {
		t.Errorf("positives %v", w.Pairs.Positives)
	}
	contrastive := w.Losses[0]
	for k, x := range contrastive.Negatives {
		if want := 1.0; k == bin(30) && math.Abs(x-want) > 1e-6 || k != bin(30) && x != 0 {
			t.Errorf("contrastive weighs the negatives of bin %d by %g", k, x)
		}
	}
	sum := 0.0
	for _, x := range contrastive.Positives {
		sum += x
	}
	if math.Abs(sum-1) > 1e-6 {
		t.Errorf("contrastive weighs the positives by %g, want a mean", sum)
	}
}

func TestPairWeightsDrawABatch(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	const dim = 4
	x, labels := make([]float32, 50*7*dim), make([]int32, 50*7)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	for i := range labels {
		labels[i] = int32(i/7) - 1 // the first are junk
	}
	w, err := PairWeights(x, dim, labels, 1)
	if err != nil || w.Rows != 128 || w.Classes != 32 {
		t.Fatalf("%d rows of %d classes: %v", w.Rows, w.Classes, err)
	}
	again, _ := PairWeights(x, dim, labels, 1)
	other, _ := PairWeights(x, dim, labels, 2)
	if !reflect.DeepEqual(w, again) || reflect.DeepEqual(w, other) {
		t.Error("a seed does not say which rows")
	}
	if _, err := PairWeights(x[:7*2*dim], dim, labels[:7*2], 1); !errors.Is(err, errNothingToWeigh) {
		t.Errorf("one class: %v", err)
	}
	if _, err := PairWeights(x, dim+1, labels, 1); err == nil {
		t.Error("numbers that do not fit are taken")
	}
}
