package trainer

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"crossbatch/eval/event"
	"crossbatch/trainer/optim"
)

// keyedRun is barsRun with a momentum encoder.
func keyedRun(t *testing.T) (r Run, net, keys *linear) {
	t.Helper()
	r, net = barsRun(t)
	keys = newLinear(36, 8)
	r.MomentumEncoder, r.Config.Keys.Encoder = keys, EncoderMomentum
	return r, net, keys
}

// unlabelledRun is keyedRun without labels, or a run without them and without keys.
func unlabelledRun(t *testing.T, encoder string) (r Run, net, keys *linear) {
	t.Helper()
	r, net, keys = keyedRun(t)
	c := r.Config
	c.Keys.Encoder = encoder
	r.Config = c.WithoutLabels()
	r.Config.Batch.Size, r.Config.Steps = 16, c.Steps
	if encoder == EncoderMomentum {
		r.Config.Memory.Size = "100%"
	}
	return r, net, keys
}

// With momentum 0 keys are the embeddings themselves.
func TestKeysOfNoMomentumAreThePlainEncoder(t *testing.T) {
	for _, combine := range []string{Both, Paper, PML} {
		for _, norm := range []string{"", KeyNormRunning} {
			plain, want := barsRun(t)
			plain.Config.Memory.Combine = combine
			keyed, got, keys := keyedRun(t)
			keyed.Config.Memory.Combine, keyed.Config.Keys.Momentum, keyed.Config.Keys.Norm = combine, 0, norm
			wantTrace := trace(t, plain)
			gotTrace := strings.ReplaceAll(trace(t, keyed), `,"key_momentum":0`, "")
			if gotTrace != wantTrace || !slices.Equal(got.weight, want.weight) {
				t.Errorf("%s, key-norm %q: other metrics or weights", combine, norm)
			}
			if keys.buffer[0] != 60 {
				t.Errorf("the buffer of the keys is %g, want the network's 60", keys.buffer[0])
			}
		}
	}
	plain, want := barsRun(t)
	keyed, got, _ := keyedRun(t)
	keyed.Config.Keys.Momentum = 0.9
	train(t, plain)
	train(t, keyed)
	if slices.Equal(got.weight, want.weight) {
		t.Error("momentum makes no difference")
	}
}

// After every step the keys' parameters and buffers are exactly those of k = m·k +
// (1-m)·q, and their gradients are none.
func TestKeysFollowTheRecurrence(t *testing.T) {
	for _, schedule := range []string{"", KeyConstant, KeyCosine} {
		r, net, keys := keyedRun(t)
		r.Config.Keys.Momentum, r.Config.Keys.Schedule = 0.8, schedule
		weight, buffer := slices.Clone(net.weight), slices.Clone(net.buffer)
		var momenta []float64
		r.Metric = func(metric event.Event) error {
			s, ok := metric.(event.Step)
			if !ok {
				return nil
			}
			m := *s.KeyMomentum
			momenta = append(momenta, m)
			optim.Follow(weight, net.weight, m)
			optim.Follow(buffer, net.buffer, m)
			if !slices.Equal(keys.weight, weight) || !slices.Equal(keys.buffer, buffer) {
				t.Fatalf("schedule %q, step %d: other keys", schedule, s.Step)
			}
			return nil
		}
		training, err := Prepare(r)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(keys.weight, net.weight) {
			t.Error("the keys do not start as the network")
		}
		if _, err := training.Train(t.Context()); err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(keys.grad, func(g float32) bool { return g != 0 }) {
			t.Error("a gradient has reached the keys")
		}
		first, half, last := momenta[0], momenta[30], momenta[59]
		if schedule != KeyCosine && (first != 0.8 || last != 0.8) ||
			schedule == KeyCosine && (first != 0.8 || math.Abs(half-0.9) > 1e-9 || last < 0.999) {
			t.Errorf("schedule %q: momenta %g, %g, %g", schedule, first, half, last)
		}
	}
}

// Training without labels sees none: other labels of the training images give the
// same weights.
func TestWithoutLabelsNoneAreSeen(t *testing.T) {
	for _, encoder := range []string{EncoderMomentum, EncoderPlain} {
		r, net, _ := unlabelledRun(t, encoder)
		first := trace(t, r)
		other, otherNet, _ := unlabelledRun(t, encoder)
		set := *other.Set
		set.Labels = slices.Clone(set.Labels)
		for k, i := range other.Split.Train {
			set.Labels[i] = r.Set.Labels[other.Split.Train[(k+5)%len(other.Split.Train)]]
		}
		other.Set = &set
		if trace(t, other) != first || !slices.Equal(net.weight, otherNet.weight) {
			t.Errorf("encoder %s: the labels of training images make a difference", encoder)
		}
		if slices.Equal(net.weight, newLinear(36, 8).weight) {
			t.Errorf("encoder %s: nothing was trained", encoder)
		}
	}
}

// An anchor has one positive, its key, or within the batch its other view; older keys
// of its image are left out and counted.
func TestPairsWithoutLabels(t *testing.T) {
	r, _, _ := unlabelledRun(t, EncoderMomentum)
	seen, copies := map[int]bool{}, 0
	r.Metric = func(metric event.Event) error {
		s, ok := metric.(event.Step)
		if !ok {
			return nil
		}
		if s.Batch != nil || s.Memory.Positives != 16 || s.Rows != min(len(r.Split.Train), 16*int(s.Step+1)) {
			t.Errorf("%+v %+v", s, s.Memory)
		}
		if want := 16*s.Rows - 16 - s.Memory.Copies; s.Memory.Negatives != want {
			t.Errorf("step %d: %d negatives, want %d", s.Step, s.Memory.Negatives, want)
		}
		copies += s.Memory.Copies
		seen[s.Memory.Copies] = true
		return nil
	}
	result := train(t, r)
	if want := float64(copies) / (60 * 16); result.FalseNegatives != want || want == 0 || len(seen) < 2 || result.FalsePairs != 0 {
		t.Errorf("%g older keys an anchor, want %g", result.FalseNegatives, want)
	}

	r, _, _ = unlabelledRun(t, EncoderPlain)
	r.Metric = func(metric event.Event) error {
		if s, ok := metric.(event.Step); ok && (s.Memory != nil || s.Batch.Positives != 32 || s.Batch.Negatives != 32*30) {
			t.Errorf("%+v", s.Batch)
		}
		return nil
	}
	train(t, r)

	r, _, _ = unlabelledRun(t, EncoderPlain)
	r.Config.Memory.Size = "64"
	r.Metric = func(metric event.Event) error {
		if s, ok := metric.(event.Step); ok && (s.Batch != nil || s.Memory.Positives != 32 || s.Memory.Negatives+s.Memory.Copies != 32*(s.Rows-2)) {
			t.Errorf("%+v", s.Memory)
		}
		return nil
	}
	train(t, r)
}

func TestKeysAreTheSameForAnyNumberOfThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first string
	for _, threads := range []int{1, 3} {
		runtime.GOMAXPROCS(threads)
		r, net, keys := unlabelledRun(t, EncoderMomentum)
		got := trace(t, r) + fmt.Sprint(net.weight, keys.weight)
		if first == "" {
			first = got
		}
		if got != first {
			t.Errorf("%d threads give other metrics or weights", threads)
		}
	}
}

func TestBadKeysAndLabelsAreRefused(t *testing.T) {
	for want, change := range map[string]func(*Config){
		`encoder is "x": give one of plain, momentum`:            func(c *Config) { c.Keys.Encoder = "x" },
		"there is no memory to hold its keys: give memory":       func(c *Config) { c.Keys.Encoder, c.Memory.Size = EncoderMomentum, "0" },
		"key-momentum is 1.1":                                    func(c *Config) { c.Keys.Momentum = 1.1 },
		"key-momentum is NaN":                                    func(c *Config) { c.Keys.Momentum = math.NaN() },
		`key-momentum-schedule is "x"`:                           func(c *Config) { c.Keys.Schedule = "x" },
		`key-norm is "x"`:                                        func(c *Config) { c.Keys.Norm = "x" },
		`labels is "x": give one of classes, none`:               func(c *Config) { c.Data.Labels = "x" },
		`loss "arcface", which has weights for classes`:          func(c *Config) { c.Data.Labels, c.Loss.Spec, c.Memory.Size = LabelsNone, "arcface", "0" },
		"views 1: an image's other views":                        func(c *Config) { c.Data.Labels, c.Batch.Views = LabelsNone, 1 },
		"no labels to be wrong":                                  func(c *Config) { c.Data.Labels, c.Data.LabelNoise = LabelsNone, 0.1 },
		"combine both, enqueue last: against past batches alone": func(c *Config) { c.Data.Labels = LabelsNone },
		"takes one for the anchors and one for their keys":       func(c *Config) { *c = momentumWithoutLabels(); c.Batch.Views = 3 },
		"start 5: with encoder momentum":                         func(c *Config) { *c = momentumWithoutLabels(); c.Memory.Start = 5 },
		"policy reservoir, which keeps only some":                func(c *Config) { *c = momentumWithoutLabels(); c.Memory.Policy = "reservoir" },
		"views is -1":      func(c *Config) { c.Batch.Views = -1 },
		"chunk is -1":      func(c *Config) { c.Batch.Chunk = -1 },
		"head-width is -1": func(c *Config) { c.Network.HeadWidth = -1 },
	} {
		c := Default()
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q", err, want)
		}
	}
	for _, encoder := range []string{"", EncoderMomentum} {
		c := Default()
		c.Keys.Encoder = encoder
		if err := c.WithoutLabels().Validate(); err != nil {
			t.Errorf("without labels, encoder %q: %v", encoder, err)
		}
	}

	r, _, _ := keyedRun(t)
	r.MomentumEncoder = nil
	if _, err := Prepare(r); err == nil || !strings.Contains(err.Error(), "give another encoder to Run.MomentumEncoder") {
		t.Errorf("no keys: %v", err)
	}
	r.MomentumEncoder = newLinear(36, 9)
	if _, err := Prepare(r); err == nil || !strings.Contains(err.Error(), "Run.MomentumEncoder has other parameters") {
		t.Errorf("keys of another make: %v", err)
	}
	r, _, _ = unlabelledRun(t, EncoderMomentum)
	r.Config.Memory.Size = "15"
	if _, err := Prepare(r); err == nil || !strings.Contains(err.Error(), "15 rows: a batch stores 16, the positives among them: give a memory of 16") {
		t.Errorf("a small memory: %v", err)
	}
	r.Config.Memory.Size = "16"
	r.Config.Data.Augment = "none"
	if _, err := Prepare(r); err == nil || !strings.Contains(err.Error(), "the views of an image would be one and the same: give augment views") {
		t.Errorf("no augmentation: %v", err)
	}
}

func momentumWithoutLabels() Config {
	c := Default()
	c.Keys.Encoder = EncoderMomentum
	return c.WithoutLabels()
}

// The memory is filled by what stores in it.
func TestKeysFillTheMemory(t *testing.T) {
	r, _, keys := keyedRun(t)
	r.Config.Keys.Momentum, r.Config.Memory.Prefill, r.Config.Memory.Start, r.Config.Steps = 1, true, 5, 6
	training, err := Prepare(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := training.Train(t.Context()); err != nil {
		t.Fatal(err)
	}
	memory := training.terms.memory.Memory
	images := make([]float32, 36)
	for i, birth := range memory.Births() {
		r.Set.Batch(images, []int{int(memory.IDs()[i])})
		want := make([]float32, 8)
		if err := keys.Embed(want, images); err != nil {
			t.Fatal(err)
		}
		var length float64
		for _, v := range want {
			length += float64(v) * float64(v)
		}
		for k, v := range want {
			if got := float64(memory.Rows()[i*8+k]); math.Abs(got-float64(v)/math.Sqrt(length)) > 1e-6 {
				t.Fatalf("row %d, of step %d: %g at %d, by the keys %g", i, birth, got, k, float64(v)/math.Sqrt(length))
			}
		}
	}
}

// passing counts the passes of an encoder by mode.
type passing struct {
	*linear
	forwards, embeds int
}

func (p *passing) Forward(dst, images []float32) error {
	p.forwards++
	return p.linear.Forward(dst, images)
}

func (p *passing) Embed(dst, images []float32) error {
	p.embeds++
	return p.linear.Embed(dst, images)
}

// Keys are embedded in training mode, or by running statistics in evaluation mode.
func TestKeyNormChoosesTheMode(t *testing.T) {
	for norm, want := range map[string][2]int{"": {60, 0}, KeyNormBatch: {60, 0}, KeyNormRunning: {0, 60}} {
		r, _, keys := keyedRun(t)
		p := &passing{linear: keys}
		r.MomentumEncoder, r.Config.Keys.Norm = p, norm
		if train(t, r); [2]int{p.forwards, p.embeds} != want {
			t.Errorf("key-norm %q: %d passes in training mode and %d in evaluation mode, want %v", norm, p.forwards, p.embeds, want)
		}
	}
}
