package xbm

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"crossbatch/xbm/loss"
	"crossbatch/xbm/pair"
)

// refusing is an observer that refuses.
type refusing struct{}

func (refusing) Begin(Batch, *Memory) (*pair.Inspection, error) { return nil, errors.New("not today") }

func (refusing) End(*Seen) {}

// After each error of an Add the memory and the gradient are as they were, also
// where rows are due to be dropped, or to follow the batch.
func TestErrorsChangeNothing(t *testing.T) {
	const dim = 4
	nan := float32(math.NaN())
	bad := map[string]struct {
		batch    func(*Batch)
		term     func(*CrossBatch)
		observer Observer
	}{
		"embedding 1 of the batch has NaN": {batch: func(b *Batch) { b.Embeddings[dim] = nan }},
		"key 0 of the batch has NaN": {batch: func(b *Batch) {
			b.Keys = slices.Clone(b.Embeddings)
			b.Keys[1] = nan
		}},
		"numbers in the keys":             {batch: func(b *Batch) { b.Keys = make([]float32, 3) }},
		"ids for 3 labels":                {batch: func(b *Batch) { b.IDs = b.IDs[1:] }},
		"ids count from 0":                {batch: func(b *Batch) { b.IDs[2] = -1 }},
		"numbers in the embeddings":       {batch: func(b *Batch) { b.Embeddings = b.Embeddings[1:] }},
		"has no labels":                   {batch: func(b *Batch) { b.Labels = nil }},
		"age tau is -1":                   {term: func(c *CrossBatch) { c.AgeTau = -1 }},
		"give it to a ClassWeights term":  {term: func(c *CrossBatch) { c.Loss = &loss.MarginSoftmax{Scale: 1} }},
		"use swap within a batch only":    {term: func(c *CrossBatch) { c.Loss = &loss.Triplet{Swap: true} }},
		"not today":                       {observer: refusing{}},
		"numbers in the fresh rows":       {observer: &Comparison{Fresh: make([]float32, 3*dim), Loss: loss.NewContrastive(false)}},
		"dropped in step 9 for their age": {observer: &Comparison{Loss: loss.NewContrastive(false)}},
	}
	for _, config := range []MemoryConfig{
		{}, {Half: true}, {MaxAge: 3}, {MaxAge: 3, Policy: Keyed{}}, {MaxAge: 3, Policy: ClassBalanced{2}}, {Policy: Reservoir{1}},
		{Norm: &CrossBatchNorm{}}, {MaxAge: 3, Norm: &CrossBatchNorm{Process: 0.1, Measurement: 1}},
	} {
		for _, last := range []bool{false, true} {
			for want, c := range bad {
				if strings.HasPrefix(want, "dropped") && config.MaxAge == 0 || strings.HasPrefix(want, "numbers in the fresh") && config.MaxAge != 0 {
					continue
				}
				config.Capacity, config.Dim = 8, dim
				memory, err := config.New()
				if err != nil {
					t.Fatal(err)
				}
				rng := rand.New(rand.NewPCG(1, 1))
				cross := &CrossBatch{Memory: memory, Loss: loss.NewContrastive(false), EnqueueLast: last}
				for step := range int64(4) {
					add(t, cross, randomBatch(rng, 3, dim, step))
				}
				before := state(t, memory)
				b := randomBatch(rng, 3, dim, 9) // rows of 3 steps before 9 are too old
				if c.batch != nil {
					c.batch(&b)
				}
				if c.term != nil {
					c.term(cross)
				}
				var observers []Observer
				if c.observer != nil {
					observers = []Observer{c.observer}
				}
				d := make([]float32, len(b.Embeddings))
				_, err = cross.Add(d, b, observers...)
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%+v: %v: want %q", config, err, want)
				}
				if string(state(t, memory)) != string(before) {
					t.Errorf("%+v, %s: the memory has changed", config, want)
				}
				if slices.ContainsFunc(d, func(x float32) bool { return x != 0 }) {
					t.Errorf("%+v, %s: the gradient has changed", config, want)
				}
			}
		}
	}
}

func TestHalvesAreChecked(t *testing.T) {
	for h, valid := range map[pair.Halves]bool{
		{Positive: 1, Negative: 0}:                                     true,
		{Positive: 0, Negative: 1}:                                     true,
		{Positive: math.MaxFloat32 / 2, Negative: math.MaxFloat32 / 2}: true,
		{Positive: math.MaxFloat32, Negative: math.MaxFloat32 / 2}:     false,
		{Positive: 0, Negative: 0}:                                     false,
		{Positive: -1, Negative: 2}:                                    false,
		{Positive: 2, Negative: -1}:                                    false,
		{Positive: math.NaN(), Negative: 1}:                            false,
	} {
		term := newCrossBatch(t, 4, 2)
		term.Halves = &h
		err := term.Check()
		if valid != (err == nil) || !valid && !strings.Contains(err.Error(), "give two numbers of 0 or more, not both 0") {
			t.Errorf("%+v: %v", h, err)
		}
	}
}

// A comparison is of a memory.
func TestComparisonNeedsAMemory(t *testing.T) {
	b := randomBatch(rand.New(rand.NewPCG(1, 2)), 3, 4, 0)
	d := make([]float32, 12)
	in := &InBatch{Loss: loss.NewContrastive(false)}
	if _, err := in.Add(d, b, &Comparison{Loss: loss.NewContrastive(false)}); err == nil || !strings.Contains(err.Error(), "no memory") {
		t.Error(err)
	}
}

// Each observer sees the same Add, and none changes it.
func TestObservers(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	watched, plain := newCrossBatch(t, 12, 4), newCrossBatch(t, 12, 4)
	for step := range int64(4) {
		b := randomBatch(rng, 4, 4, step)
		var one, two pair.Inspection
		_, got := add(t, watched, b, Inspect(&one), Inspect(nil), Inspect(&two))
		_, want := add(t, plain, b)
		if !nearAll(got, want, 1) || string(state(t, watched.Memory)) != string(state(t, plain.Memory)) {
			t.Fatalf("step %d: to look changes the training", step)
		}
		a, c := one.Weights(), two.Weights()
		if !slices.Equal(a.Negatives, c.Negatives) || !slices.ContainsFunc(a.Negatives, func(x float64) bool { return x > 0 }) {
			t.Errorf("step %d: %v and %v", step, a.Negatives, c.Negatives)
		}
	}
}

// Start is a setting, and stays as it is.
func TestStartAt(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	cross := newCrossBatch(t, 12, 4)
	cross.Start, cross.Ramp = NotYet, 2
	rowsAfter := func(step int64) int {
		add(t, cross, randomBatch(rng, 4, 4, step))
		return cross.Memory.Len()
	}
	if cross.StartsAt() != NotYet || rowsAfter(5) != 0 {
		t.Errorf("it starts at %d", cross.StartsAt())
	}
	cross.StartAt(7)
	if cross.StartsAt() != 7 || cross.Start != NotYet || rowsAfter(6) != 0 || rowsAfter(7) != 4 {
		t.Errorf("it starts at %d with %d rows", cross.StartsAt(), cross.Memory.Len())
	}
	if half, whole := cross.weight(7), cross.weight(8); half != 0.5 || whole != 1 {
		t.Errorf("the weight rises from %g to %g: want the ramp to begin at the start", half, whole)
	}
	cross.StartAt(NotYet)
	if rowsAfter(8) != 4 {
		t.Error("it goes on")
	}
}

// The memory's weight multiplies what Add adds, and so does the ramp; neither
// changes the value. Both terms of a sum have their share.
func TestWeightAndRampReachTheGradient(t *testing.T) {
	for _, c := range []struct {
		weight float64
		ramp   int64
		factor []float64 // by step, from the start on
	}{{0, 0, []float64{1, 1, 1}}, {0.25, 0, []float64{0.25, 0.25, 0.25}}, {-2, 0, []float64{-2, -2, -2}}, {3, 3, []float64{1, 2, 3}}, {0, 2, []float64{0.5, 1, 1}}} {
		rng := rand.New(rand.NewPCG(8, 8))
		weighted, plain := newCrossBatch(t, 30, 4), newCrossBatch(t, 30, 4)
		weighted.Weight, weighted.Ramp = c.weight, c.ramp
		weighted.Loss, plain.Loss = loss.NewMultiSimilarity(), loss.NewMultiSimilarity()
		for step, factor := range c.factor {
			b := randomBatch(rng, 6, 4, int64(step))
			got, dGot := add(t, weighted, b)
			want, dWant := add(t, plain, b)
			if got != want {
				t.Errorf("weight %g, ramp %d, step %d: %+v, want %+v", c.weight, c.ramp, step, got, want)
			}
			if lengthOf(dWant) < 1e-2 || !nearAll(dWant, dGot, factor) {
				t.Errorf("weight %g, ramp %d, step %d: the gradient is %v, want %g times %v", c.weight, c.ramp, step, dGot, factor, dWant)
			}
		}
	}
}

func lengthOf(x []float32) float64 {
	var square float64
	for _, v := range x {
		square += float64(v) * float64(v)
	}
	return math.Sqrt(square)
}

// What the loss learns is weighted as the rest of the term is.
func TestWeightReachesWhatTheLossLearns(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	weighted, plain := newCrossBatch(t, 20, 4), newCrossBatch(t, 20, 4)
	heavy, light := loss.NewMargin(), loss.NewMargin()
	for _, l := range []*loss.Margin{heavy, light} {
		l.LearnBeta, l.Nu = true, 0.5
	}
	weighted.Loss, plain.Loss, weighted.Weight = heavy, light, 3
	for step := range int64(2) {
		b := randomBatch(rng, 6, 4, step)
		add(t, weighted, b)
		add(t, plain, b)
	}
	got, want := pair.Params(heavy)[0].Grad[0], pair.Params(light)[0].Grad[0]
	if want == 0 || math.Abs(float64(got-3*want)) > 1e-6 {
		t.Errorf("the gradient of what is learnt is %g, want 3 times %g", got, want)
	}
}
