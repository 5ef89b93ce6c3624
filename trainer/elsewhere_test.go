package trainer

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"crossbatch/eval/event"
	"crossbatch/trainer/optim"
)

// away is a linear encoder whose weights are elsewhere: what State shows is a copy.
type away struct {
	linear
	there         linear
	looks         int // calls of State
	failed, spoil error
}

var _ Elsewhere = (*away)(nil)

func newAway(in, out int) *away {
	return &away{linear: *newLinear(in, out), there: *newLinear(in, out)}
}

func (a *away) Embed(dst, images []float32) error   { return a.there.Embed(dst, images) }
func (a *away) Forward(dst, images []float32) error { return a.there.Embed(dst, images) }
func (a *away) Train(images []float32, grad func(dEmb, emb []float32) error) error {
	return a.there.Train(images, grad)
}

func (a *away) State(visit func(name string, shape []int, value, grad []float32)) {
	a.looks++
	copy(a.weight, a.there.weight)
	copy(a.grad, a.there.grad)
	copy(a.buffer, a.there.buffer)
	a.linear.State(visit)
	copy(a.there.weight, a.weight)
	copy(a.there.buffer, a.buffer)
}

func (a *away) Trained(visit func(i int, name string)) { visit(0, "weight") }
func (a *away) Finite() (bool, error)                  { return firstBad(a.there.grad) < 0, nil }
func (a *away) Err() error                             { return a.failed }

func (a *away) Optimizer(c optim.Config) (optim.Optimizer, error) {
	o, err := optim.New(c)
	return awayOptimizer{o, a}, err
}

// awayOptimizer updates the weights that are elsewhere.
type awayOptimizer struct {
	optim.Optimizer
	of *away
}

func (o awayOptimizer) Update(i int, factor float64, _, _ []float32) {
	o.Optimizer.Update(i, factor, o.of.there.weight, o.of.there.grad)
	o.of.failed = o.of.spoil
}

// A training whose weights are elsewhere is the same, and does not bring them here in each
// step.
func TestWeightsElsewhere(t *testing.T) {
	metrics := func(encoder Encoder) (lines []string) {
		r, _ := barsRun(t)
		r.Encoder = encoder
		r.Metric = func(e event.Event) error {
			line, err := json.Marshal(e)
			lines = append(lines, string(line))
			return err
		}
		result := train(t, r)
		line, err := json.Marshal(result.Test)
		if err != nil {
			t.Fatal(err)
		}
		return append(lines, string(line))
	}
	encoder := newAway(36, 8)
	if got, want := metrics(encoder), metrics(newLinear(36, 8)); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if encoder.looks > 30 {
		t.Errorf("in 60 steps the weights were brought here %d times", encoder.looks)
	}
}

// An error of what is elsewhere ends the training, and nothing is saved.
func TestErrorsElsewhereEndTheTraining(t *testing.T) {
	r, _ := barsRun(t)
	encoder := newAway(36, 8)
	encoder.spoil = errors.New("the device is lost")
	r.Encoder = encoder
	saved := 0
	r.Checkpoint = func(int64, bool) error { saved++; return nil }
	training, err := Prepare(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := training.Train(t.Context()); err == nil || saved > 0 {
		t.Errorf("%v, saved %d times", err, saved)
	}
}
