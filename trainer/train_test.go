package trainer

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"crossbatch/eval/event"
)

func TestTrainingLearns(t *testing.T) {
	r, net := barsRun(t)
	r.Config.Steps = 400
	before, _, err := score(t.Context(), net, r.Set, r.Split.Test)
	if err != nil {
		t.Fatal(err)
	}
	result := train(t, r)
	if result.Test.MAPAtR < before.MAPAtR+0.1 {
		t.Errorf("MAP@R %.3f before training, %.3f after: nothing was learnt", before.MAPAtR, result.Test.MAPAtR)
	}
	if result.MemoryRows != len(r.Split.Train) || result.Images != 400*16 || len(result.TestEmb) != len(r.Split.Test)*8 {
		t.Errorf("%d memory rows, %d images, %d numbers", result.MemoryRows, result.Images, len(result.TestEmb))
	}
}

// Twice the head's rate is twice the rate where all is head.
func TestHeadLearnsAtItsOwnRate(t *testing.T) {
	r, net := barsRun(t)
	r.Config.Optimizer.HeadLR = 2
	train(t, r)
	twice, other := barsRun(t)
	twice.Config.Optimizer.LR *= 2
	train(t, twice)
	plain, last := barsRun(t)
	train(t, plain)
	if !slices.Equal(net.weight, other.weight) || slices.Equal(net.weight, last.weight) {
		t.Error("the head's factor is not one of the learning rate")
	}
}

func TestSameSeedSameMetricsForAnyNumberOfThreads(t *testing.T) {
	old := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(old)
	var first string
	var weights []float32
	for _, threads := range []int{1, 2, 4} {
		runtime.GOMAXPROCS(threads)
		r, net := barsRun(t)
		got := trace(t, r)
		if first == "" {
			first, weights = got, net.weight
		}
		if got != first || !slices.Equal(net.weight, weights) {
			t.Errorf("%d threads give other metrics or weights", threads)
		}
	}
	r, _ := barsRun(t)
	r.Config.Seed++
	if trace(t, r) == first {
		t.Error("another seed gives the same metrics")
	}
}

// Before its start, and with size 0, the memory changes nothing.
func TestMemoryBeforeItsStartIsNoMemory(t *testing.T) {
	weights := func(memory string, start Start) []float32 {
		r, net := barsRun(t)
		r.Config.Memory.Size, r.Config.Memory.Start = memory, start
		train(t, r)
		return net.weight
	}
	none := weights("0", 0)
	if !slices.Equal(weights("100%", 1000), none) {
		t.Error("a memory that never starts changes the weights")
	}
	if slices.Equal(weights("100%", 10), none) {
		t.Error("a memory changes nothing")
	}
}

func TestMetricsOfEveryStep(t *testing.T) {
	r, _ := barsRun(t)
	var steps []event.Step
	var validations []event.Validation
	r.Metric = func(v event.Event) error {
		switch v := v.(type) {
		case event.Step:
			steps = append(steps, v)
		case event.Validation:
			validations = append(validations, v)
		}
		return nil
	}
	seen := 0
	r.Progress = func(p Progress) {
		if seen++; p.Images != int64(seen*16) || p.Steps != 60 || p.Last.Step != int64(seen-1) {
			t.Errorf("progress %d: %+v", seen, p)
		}
	}
	train(t, r)
	if len(steps) != 60 || len(validations) != 3 || seen != 60 {
		t.Fatalf("%d steps, %d validations, %d times progress", len(steps), len(validations), seen)
	}
	capacity := len(r.Split.Train)
	for i, s := range steps {
		want := max(0, min(capacity, (i-9)*16))
		if s.Step != int64(i) || s.Rows != want || s.Batch.Positives != 48 || s.Batch.Negatives != 192 {
			t.Errorf("step %d: %+v: want %d rows and 48 + 192 pairs", i, s, want)
		}
	}
	if last := steps[59].Memory; last.Positives+last.Negatives+last.Copies != 16*capacity || last.Copies == 0 {
		t.Errorf("%+v: want 16×%d pairs, some of them copies", last, capacity)
	}
}

// The weights that scored best on the validation classes are the ones that are
// tested, whatever came after.
func TestTheBestWeightsAreTested(t *testing.T) {
	r, net := barsRun(t)
	atBest := map[int64][]float32{}
	r.Metric = func(v event.Event) error {
		if v, ok := v.(event.Validation); ok {
			atBest[v.Step] = slices.Concat(net.weight, net.buffer)
			if v.Step == 20 { // from here on the training can only do harm
				for i := range net.weight {
					net.weight[i] = 1
				}
			}
		}
		return nil
	}
	r.Config.Optimizer.LR, r.Config.Optimizer.Name = 1e-9, "sgd"
	result := train(t, r)
	if result.BestStep != 20 {
		t.Fatalf("best after %d steps, want 20", result.BestStep)
	}
	if !slices.Equal(slices.Concat(net.weight, net.buffer), atBest[20]) {
		t.Error("the weights are not those of the best step")
	}
	test, _, err := score(t.Context(), net, r.Set, r.Split.Test)
	if err != nil || test.MAPAtR != result.Test.MAPAtR {
		t.Errorf("MAP@R %g was reported, the best weights have %g (%v)", result.Test.MAPAtR, test.MAPAtR, err)
	}
}

// False pairs are those of two embeddings of one image, among the memory's positives,
// whether such count or not.
func TestFalsePairs(t *testing.T) {
	for _, keep := range []bool{false, true} {
		r, _ := barsRun(t)
		r.Config.Memory.KeepCopies = keep
		copies, positives := 0, 0
		r.Metric = func(v event.Event) error {
			if s, ok := v.(event.Step); ok && s.Memory != nil {
				copies += s.Memory.Copies
				positives += s.Memory.Positives
			}
			return nil
		}
		result := train(t, r)
		if !keep {
			positives += copies // which are not among them
		}
		if want := float64(copies) / float64(positives); result.FalsePairs != want || !(want > 0 && want < 1) || result.FalseNegatives != 0 {
			t.Errorf("copies kept %v: %g of the pairs are false, want %g", keep, result.FalsePairs, want)
		}
	}
}

// inTwo is a linear encoder whose matrix is two arrays, with a buffer between.
type inTwo struct{ *linear }

func (l inTwo) State(visit func(name string, shape []int, value, grad []float32)) {
	half := l.out / 2 * l.in
	visit("top", []int{l.out / 2, l.in}, l.weight[:half], l.grad[:half])
	visit("passes", []int{1}, l.buffer, nil)
	visit("bottom", []int{l.out - l.out/2, l.in}, l.weight[half:], l.grad[half:])
}

// Into which arrays an encoder's numbers fall makes no difference.
func TestArraysTrainApart(t *testing.T) {
	r, one := barsRun(t)
	want := train(t, r)
	r, two := barsRun(t)
	r.Encoder = inTwo{two}
	if got := train(t, r); !slices.Equal(two.weight, one.weight) || got.Test.MAPAtR != want.Test.MAPAtR {
		t.Error("in two arrays the training is another")
	}
}

func TestErrorsEndTheTraining(t *testing.T) {
	r, _ := barsRun(t)
	full := errors.New("disk full")
	r.Metric = func(event.Event) error { return full }
	training, err := Prepare(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := training.Train(context.Background()); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}

	r, net := barsRun(t)
	ctx, cancel := context.WithCancel(context.Background())
	r.Progress = func(p Progress) {
		if p.Last.Step == 4 {
			cancel()
		}
	}
	if training, err = Prepare(r); err != nil {
		t.Fatal(err)
	}
	if _, err := training.Train(ctx); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "after 5 of 60 steps") || net.buffer[0] != 5 {
		t.Errorf("%v after %g passes", err, net.buffer[0])
	}

	r, _ = barsRun(t)
	r.Config.Network.Dim = 9
	if _, err := Prepare(r); err == nil || !strings.Contains(err.Error(), "8 numbers and dim is 9") {
		t.Errorf("an encoder of another dim: %v", err)
	}
	r, _ = barsRun(t)
	r.Config.Batch.Size = 4 * 1000
	if _, err := Prepare(r); err == nil {
		t.Error("more classes a batch than there are: not refused")
	}
}

// What losses learn themselves is trained, at its own learning rate: class weights
// that may move serve better than ones that hardly can.
func TestClassWeightsAreTrained(t *testing.T) {
	for _, loss := range []string{"normalized-softmax", "soft-triple:centers=2", "proxy-anchor"} {
		last := map[float64]float64{}
		for _, rate := range []float64{0.02, 1e-9} {
			r, _ := barsRun(t)
			r.Config.Loss.Spec, r.Config.Memory.Size, r.Config.Loss.LR = loss, "0", rate
			r.Metric = func(metric event.Event) error {
				if s, ok := metric.(event.Step); ok {
					last[rate] = s.Batch.Loss
				}
				return nil
			}
			train(t, r)
		}
		if !(last[0.02] < 0.9*last[1e-9]) {
			t.Errorf("%s: the loss ends at %g, with weights that stay at %g", loss, last[0.02], last[1e-9])
		}
	}
}

// Each of the ways to combine batch and memory has the terms that it is to
// have, and each term's own boundary is learnt where it runs.
func TestCombine(t *testing.T) {
	for combine, want := range map[string]string{Both: "bbbBMBM", Paper: "bbbBMBM", PML: "bbbMM"} {
		r, _ := barsRun(t)
		r.Config.Memory.Combine, r.Config.Steps, r.Config.Memory.Start = combine, 5, 3
		r.Config.Loss.Spec = "margin:learn_beta=true"
		got := ""
		r.Metric = func(metric event.Event) error {
			s, ok := metric.(event.Step)
			if !ok {
				return nil
			}
			if s.Batch != nil {
				if s.Step < 3 {
					got += "b"
				} else {
					got += "B"
				}
			}
			if s.Memory != nil {
				got += "M"
			}
			return nil
		}
		training, err := Prepare(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := training.Train(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s: terms %s, want %s", combine, got, want)
		}
		for term, l := range training.terms.learned {
			if l.params[0].Value[0] == 1.2 {
				t.Errorf("%s: beta of term %d has not moved", combine, term)
			}
		}
	}
}

// oneRow is an encoder whose weights are told to be of one dimension, as biases are.
type oneRow struct{ *linear }

func (o oneRow) State(visit func(name string, shape []int, value, grad []float32)) {
	o.linear.State(func(name string, _ []int, value, grad []float32) { visit(name, []int{len(value)}, value, grad) })
}

func TestDecayOfWeightsAlone(t *testing.T) {
	weights := func(oneDimension bool, decay string, factor float64) []float32 {
		r, net := barsRun(t)
		r.Config.Optimizer.Decay, r.Config.Optimizer.WeightDecay = decay, factor
		if oneDimension {
			r.Encoder = oneRow{net}
		}
		train(t, r)
		return net.weight
	}
	none, all := weights(false, "", 0), weights(false, DecayAll, 0.1)
	if slices.Equal(none, all) {
		t.Fatal("decay makes no difference")
	}
	if !slices.Equal(weights(false, DecayWeights, 0.1), all) {
		t.Error("weights do not decay")
	}
	if !slices.Equal(weights(true, DecayWeights, 0.1), none) {
		t.Error("an array of one dimension decays")
	}
}
