package trainer

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"crossbatch/eval/event"
	"crossbatch/trainer/data"
)

// linear is an encoder of one matrix: small enough to know what it should do.
type linear struct {
	in, out      int
	weight, grad []float32
	buffer       []float32 // counts the training passes
}

func newLinear(in, out int) *linear {
	rng := rand.New(rand.NewPCG(1, 1))
	l := &linear{in: in, out: out, weight: make([]float32, in*out), grad: make([]float32, in*out), buffer: make([]float32, 1)}
	for i := range l.weight {
		l.weight[i] = float32(rng.NormFloat64())
	}
	return l
}

func (l *linear) Dim() int { return l.out }

func (l *linear) Embed(dst, images []float32) error {
	clear(dst)
	for r := range len(dst) / l.out {
		for o := range l.out {
			for i := range l.in {
				dst[r*l.out+o] += l.weight[o*l.in+i] * images[r*l.in+i]
			}
		}
	}
	return nil
}

func (l *linear) Forward(dst, images []float32) error { return l.Embed(dst, images) }

func (l *linear) Train(images []float32, grad func(dEmb, emb []float32) error) error {
	emb := make([]float32, len(images)/l.in*l.out)
	if err := l.Embed(emb, images); err != nil {
		return err
	}
	dEmb := make([]float32, len(emb))
	if err := grad(dEmb, emb); err != nil {
		return err
	}
	clear(l.grad)
	for r := range len(emb) / l.out {
		for o := range l.out {
			for i := range l.in {
				l.grad[o*l.in+i] += dEmb[r*l.out+o] * images[r*l.in+i]
			}
		}
	}
	l.buffer[0]++
	return nil
}

func (l *linear) State(visit func(name string, shape []int, value, grad []float32)) {
	visit("weight", []int{l.out, l.in}, l.weight, l.grad)
	visit("passes", []int{1}, l.buffer, nil)
}

func (l *linear) Head(name string) bool { return name == "weight" }

// bars are a set in which only some pixels tell the class: an embedding that
// learns to look there gains.
func bars() *data.Set {
	const classes, each, side = 24, 8, 6
	s := &data.Set{Name: "bars", Channels: 1, Height: side, Width: side}
	rng := rand.New(rand.NewPCG(7, 7))
	for c := range classes {
		s.ClassNames = append(s.ClassNames, string(rune('a'+c)))
		pattern := make([]uint8, 10)
		for i := range pattern {
			pattern[i] = uint8(rng.IntN(256))
		}
		for range each {
			s.Labels = append(s.Labels, int32(c))
			for p := range side * side {
				v := rng.IntN(256)
				if p < len(pattern) {
					v = max(0, min(255, int(pattern[p])+rng.IntN(81)-40))
				}
				s.Pixels = append(s.Pixels, uint8(v))
			}
		}
	}
	return s
}

func barsRun(t *testing.T) (Run, *linear) {
	t.Helper()
	set := bars()
	split, err := data.SplitClasses(set, 1, data.Fractions{})
	if err != nil {
		t.Fatal(err)
	}
	c := Default()
	c.Data.Set, c.Network.Dim, c.Batch.Size, c.Steps, c.Memory.Start, c.Watch.ValidateEvery, c.Optimizer.LR = "bars", 8, 16, 60, 10, 20, 0.02
	net := newLinear(36, 8)
	return Run{Config: c, Set: set, Split: split, Encoder: net}, net
}

func train(t *testing.T, r Run) Result {
	t.Helper()
	training, err := Prepare(r)
	if err != nil {
		t.Fatal(err)
	}
	result, err := training.Train(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// trace is all metrics of a run as text.
func trace(t *testing.T, r Run) string {
	t.Helper()
	var b strings.Builder
	r.Metric = func(v event.Event) error { return json.NewEncoder(&b).Encode(v) }
	train(t, r)
	return b.String()
}
