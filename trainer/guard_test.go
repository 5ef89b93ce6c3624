package trainer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"crossbatch/eval/event"
	"crossbatch/xbm/pair"
)

func TestFirstBadEqualsItsTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		x := make([]float32, rng.IntN(40))
		for i := range x {
			x[i] = math.MaxFloat32 * (2*rng.Float32() - 1)
		}
		for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
			if len(x) > 0 && rng.IntN(3) == 0 {
				x[rng.IntN(len(x))] = bad
			}
		}
		want := -1
		for i, v := range x {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				want = i
				break
			}
		}
		if got := firstBad(x); got != want {
			t.Fatalf("%v: %d, want %d", x, got, want)
		}
	}
}

// spoiler is an encoder with something bad in one pass.
type spoiler struct {
	*linear
	passes, pass  int // so far, at which
	emb, gradient bool
	statistic     bool
	with          float32
}

func (s *spoiler) Train(images []float32, grad func(dEmb, emb []float32) error) error {
	now := s.passes == s.pass
	s.passes++
	s.buffer[0] += 0.25 // a statistic that moves before the loss is taken
	err := s.linear.Train(images, func(dEmb, emb []float32) error {
		if s.emb && now {
			emb[8*3+5] = s.with
		}
		return grad(dEmb, emb)
	})
	s.buffer[0] -= 0.25
	if s.gradient && now {
		s.grad[7] = s.with
	}
	if s.statistic && now {
		s.buffer[0] = float32(math.NaN())
	}
	if err != nil {
		s.buffer[0] += 0.25
	}
	return err
}

// spoiled is a loss with something bad in one step.
type spoiled struct {
	pair.Loss
	steps, at int
	value     bool // or the weights
}

func (s *spoiled) Begin(p *pair.Problem) { s.steps++; s.Loss.Begin(p) }

func (s *spoiled) Summary() pair.Summary {
	sum := s.Loss.Summary()
	if s.value && s.steps == s.at {
		sum.Value = math.Inf(1)
	}
	return sum
}

func (s *spoiled) Weigh(w []float32, r *pair.Row) {
	s.Loss.Weigh(w, r)
	if !s.value && s.steps == s.at && r.Anchor == 2 {
		w[0] = float32(math.NaN())
	}
}

// Whatever is not finite ends the training at its step, says what it is, and has
// changed nothing; or, where that is wanted, is left out and counted.
func TestWhatIsNotFiniteIsStoppedOrSkipped(t *testing.T) {
	const step = 30
	inf := float32(math.Inf(-1))
	for want, spoil := range map[string]func(*Training, *spoiler){
		"embedding 3 of the batch is -Inf at place 5": func(_ *Training, s *spoiler) { s.emb = true },
		"passes is NaN at place 0":                    func(_ *Training, s *spoiler) { s.statistic = true },
		"the gradient of weight is -Inf at place 7":   func(_ *Training, s *spoiler) { s.gradient = true },
		"the loss within the batch is +Inf": func(t *Training, _ *spoiler) {
			t.terms.inBatch.Loss = &spoiled{Loss: t.terms.inBatch.Loss, at: step + 1, value: true}
		},
		"the loss against the memory is +Inf": func(t *Training, _ *spoiler) {
			t.terms.memory.Loss = &spoiled{Loss: t.terms.memory.Loss, at: step - 10 + 1, value: true}
		},
		"the gradient of the loss within the batch is NaN at place": func(t *Training, _ *spoiler) {
			t.terms.inBatch.Loss = &spoiled{Loss: t.terms.inBatch.Loss, at: step + 1}
		},
		"the gradient of the loss against the memory is NaN at place": func(t *Training, _ *spoiler) {
			t.terms.memory.Loss = &spoiled{Loss: t.terms.memory.Loss, at: step - 10 + 1}
		},
	} {
		for _, skip := range []bool{false, true} {
			r, net := barsRun(t)
			s := &spoiler{linear: net, pass: step, with: inf}
			r.Encoder, r.Config.SkipBadBatches, r.Config.Watch.DriftEvery = s, skip, 10
			var lines []event.Step
			r.Metric = func(v event.Event) error {
				if s, ok := v.(event.Step); ok {
					lines = append(lines, s)
				}
				_, err := json.Marshal(v)
				return err
			}
			training, err := Prepare(r)
			if err != nil {
				t.Fatal(err)
			}
			spoil(training, s)
			var before, after []byte
			kept := int64(0)
			training.CheckpointEvery = 1
			training.Checkpoint = func(step int64, _ bool) error { kept = step; return nil }
			training.Progress = func(p Progress) {
				switch p.Last.Step {
				case step - 1:
					before = learnt(t, training)
				case step:
					after = learnt(t, training)
				}
			}
			result, err := training.Train(context.Background())
			if !skip {
				var bad *Diverged
				if !errors.As(err, &bad) || bad.Step != step || !strings.Contains(err.Error(), "trainer: step 30: "+want) || !strings.Contains(err.Error(), "skip-bad-batches") {
					t.Errorf("%v, want %s", err, want)
				}
				if kept != step || !bytes.Equal(weightsOf(training), before[:len(weightsOf(training))]) {
					t.Errorf("%s: kept after %d steps, or the weights have moved", want, kept)
				}
				continue
			}
			if err != nil || result.Skipped != 1 || len(lines) != 60 {
				t.Errorf("%s: %d batches skipped in %d steps (%v)", want, result.Skipped, len(lines), err)
				continue
			}
			if got := lines[step]; got.Batch != nil || got.Memory != nil || !strings.HasPrefix(got.Skipped, want) {
				t.Errorf("%+v, want skipped for %s", got, want)
			}
			if !bytes.Equal(before, after) {
				t.Errorf("%s: the batch that was skipped has left something behind", want)
			}
		}
	}
}

func weightsOf(training *Training) []byte {
	b, _ := savedNetwork{training.Encoder}.AppendBinary(nil)
	return b[:len(b)-4] // but for the buffer, which is the last
}

// learnt is all of the training's state but how far it is.
func learnt(t *testing.T, training *Training) (all []byte) {
	t.Helper()
	all = weightsOf(training)
	for _, s := range training.Sections() {
		switch s.Name {
		case "progress", "batches", "drift":
			continue
		}
		var err error
		if all, err = s.State.AppendBinary(all); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// Weights that are not finite cannot be skipped, and are never kept.
func TestBadWeightsEndTheTraining(t *testing.T) {
	for _, skip := range []bool{false, true} {
		r, net := barsRun(t)
		r.Config.SkipBadBatches, r.Config.Watch.ValidateEvery = skip, 1000
		r.CheckpointEvery = 10
		steps := int64(0)
		r.Checkpoint = func(step int64, _ bool) error { steps = step; return nil }
		r.Progress = func(p Progress) {
			if p.Last.Step == 19 {
				net.weight[3] = float32(math.NaN())
			}
		}
		training, err := Prepare(r)
		if err != nil {
			t.Fatal(err)
		}
		_, err = training.Train(context.Background())
		var bad *Diverged
		if !errors.As(err, &bad) || bad.What != "weight" || bad.Place != 3 || steps != 10 {
			t.Errorf("skip %t: %v, kept after %d steps", skip, err, steps)
		}
	}
}

func TestNothingButBadBatchesEndsTheTraining(t *testing.T) {
	r, _ := barsRun(t)
	r.Config.Steps, r.Config.SkipBadBatches = 500, true
	training, err := Prepare(r)
	if err != nil {
		t.Fatal(err)
	}
	loss := &spoiled{Loss: training.terms.inBatch.Loss, value: true}
	training.terms.inBatch.Loss = loss
	training.Progress = func(Progress) { loss.at = loss.steps + 1 }
	if _, err = training.Train(context.Background()); err == nil || !strings.Contains(err.Error(), "100 batches in a row were bad, the last because the loss within the batch is +Inf") {
		t.Error(err)
	}
}

// Bad batches with good ones between are left out, however many.
func TestBadBatchesNowAndThenAreSkipped(t *testing.T) {
	r, _ := barsRun(t)
	r.Config.Steps, r.Config.SkipBadBatches, r.Config.Watch.ValidateEvery = 2*maxSkipped+10, true, 1000
	training, err := Prepare(r)
	if err != nil {
		t.Fatal(err)
	}
	loss := &spoiled{Loss: training.terms.inBatch.Loss, value: true}
	training.terms.inBatch.Loss = loss
	training.Progress = func(p Progress) {
		if loss.at = 0; p.Last.Step%2 == 0 {
			loss.at = loss.steps + 1
		}
	}
	if result, err := training.Train(t.Context()); err != nil || result.Skipped != maxSkipped+5 {
		t.Errorf("%d skipped, %v", result.Skipped, err)
	}
}

// twoBuffers is a linear encoder with one buffer more.
type twoBuffers struct {
	*linear
	other []float32
}

func (b twoBuffers) State(visit func(name string, shape []int, value, grad []float32)) {
	visit("other", []int{len(b.other)}, b.other, nil)
	b.linear.State(visit)
}

func TestUndoBringsAllBuffersBack(t *testing.T) {
	e := twoBuffers{newLinear(3, 2), []float32{1, 2}}
	training := &Training{Run: Run{Encoder: e}, terms: &terms{}}
	for range 2 {
		if err := training.undo.take(training); err != nil {
			t.Fatal(err)
		}
		e.other[0], e.other[1], e.buffer[0] = 7, 8, 9
		if err := training.undo.back(training); err != nil {
			t.Fatal(err)
		}
		if e.other[0] != 1 || e.other[1] != 2 || e.buffer[0] != 0 {
			t.Errorf("%v and %v, want 1, 2 and 0", e.other, e.buffer)
		}
	}
}

func TestWhatDivergedIsNamed(t *testing.T) {
	nan := float32(math.NaN())
	for want, err := range map[string]error{
		"the loss is NaN: ":                            finiteNumber(3, "the loss", math.NaN()),
		"the gradient is NaN at place 1: ":             finite(3, "the gradient", []float32{1, nan, nan}),
		"embedding 1 of the batch is NaN at place 0: ": finiteEmbeddings(3, "the batch", []float32{1, 2, nan, 3}, 2),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// spoiledEmbeddings is an encoder that trains well and embeds badly.
type spoiledEmbeddings struct{ *linear }

func (s spoiledEmbeddings) Embed(dst, images []float32) error {
	err := s.linear.Embed(dst, images)
	dst[8*2+1] = float32(math.NaN())
	return err
}

func TestBadEmbeddingsOfTheValidationEndTheTraining(t *testing.T) {
	r, net := barsRun(t)
	r.Encoder = spoiledEmbeddings{net}
	training, err := Prepare(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := training.Train(t.Context()); err == nil || !strings.Contains(err.Error(), "embedding 2 of the validation classes is NaN at place 1") {
		t.Error(err)
	}
}
