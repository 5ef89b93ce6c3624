package xbm

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"crossbatch/xbm/loss"
	"crossbatch/xbm/pair"
)

func classLoss(t testing.TB, spec string) pair.ClassLoss {
	l, err := loss.Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	return l.(pair.ClassLoss)
}

// Followed downhill, weights and embeddings meet: every loss with class weights
// falls below half of what it was.
func TestClassWeightsLearn(t *testing.T) {
	for _, spec := range loss.ClassNames() {
		rng := rand.New(rand.NewPCG(1, 1))
		x, labels, _ := randomRows(rng, 20, 6)
		term, err := NewClassWeights(classLoss(t, spec), labels, 6, rng)
		if err != nil {
			t.Fatal(err)
		}
		b := Batch{Embeddings: x, Labels: labels}
		first, _ := add(t, term, b)
		last := first
		for range 300 {
			var d []float32
			last, d = add(t, term, b)
			for i, g := range d {
				x[i] -= 0.05 * g
			}
			for i, g := range term.Grad {
				term.Weights[i] -= 0.05 * g
			}
		}
		if !(last.Value < first.Value/2) {
			t.Errorf("%s: %g at first, %g at last", spec, first.Value, last.Value)
		}
	}
}

func TestClassWeightsRefuseWhatDoesNotFit(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	term, err := NewClassWeights(classLoss(t, "soft-triple:centers=2"), []int32{5, 3, 5}, 2, rng)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(term.Classes, []int32{3, 3, 5, 5}) || len(term.Weights) != 8 {
		t.Errorf("classes %v, %d weights", term.Classes, len(term.Weights))
	}
	nan := float32(math.NaN())
	for want, b := range map[string]Batch{
		"label 4 at place 1 of the batch has no class weights": {Embeddings: []float32{1, 2, 3, 4}, Labels: []int32{3, 4}},
		"embedding 0 of the batch has NaN at place 1":          {Embeddings: []float32{1, nan}, Labels: []int32{3}},
		"8 numbers in the weights":                             {Embeddings: []float32{1, 2, 3}, Labels: []int32{3}},
	} {
		d := make([]float32, len(b.Embeddings))
		if _, err := term.Add(d, b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q", err, want)
		}
		if slices.ContainsFunc(d, func(x float32) bool { return x != 0 }) {
			t.Errorf("%s: a gradient was added", want)
		}
	}
	if _, err := NewClassWeights(term.Loss, nil, 2, rng); err == nil {
		t.Error("no labels are accepted")
	}
	if _, err := NewClassWeights(term.Loss, []int32{1}, 0, rng); err == nil {
		t.Error("embeddings of no numbers are accepted")
	}
	if _, err := NewClassWeights(term.Loss, []int32{1}, 1, rng); err != nil {
		t.Errorf("embeddings of one number: %v", err)
	}
	b := Batch{Embeddings: []float32{1, 2}, Labels: []int32{3}}
	if _, err := (&InBatch{Loss: term.Loss}).Add(make([]float32, 2), b); err == nil || !strings.Contains(err.Error(), "ClassWeights") {
		t.Errorf("within a batch: %v", err)
	}
	cross := newCrossBatch(t, 4, 2)
	cross.Loss = term.Loss
	if _, err := cross.Add(make([]float32, 2), b); err == nil || cross.Memory.Len() != 0 {
		t.Errorf("against a memory: %v, %d rows", err, cross.Memory.Len())
	}
}

// The weight rises evenly over the ramp.
func TestRamp(t *testing.T) {
	cross := CrossBatch{Weight: 2, Start: 10, Ramp: 4}
	for step, want := range map[int64]float64{10: 0.5, 11: 1, 12: 1.5, 13: 2, 14: 2, 1000: 2} {
		if got := cross.weight(step); got != want {
			t.Errorf("step %d: %g, want %g", step, got, want)
		}
	}
	if got := (&CrossBatch{}).weight(0); got != 1 {
		t.Errorf("by default %g", got)
	}
}

// A step leaves its inspection: all of the gradient comes from what is in memory,
// and of that the share of older rows grows.
func TestInspectCrossBatch(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	cross := newCrossBatch(t, 40, 4)
	var last float64
	for step := range int64(3) {
		inspection := &pair.Inspection{}
		add(t, cross, randomBatch(rng, 8, 4, step), Inspect(inspection))
		old := inspection.Weights().Old
		if step == 0 && old != 0 || step > 0 && !(old > last) {
			t.Errorf("step %d: a share of %g is old, %g before", step, old, last)
		}
		last = old
	}
}
