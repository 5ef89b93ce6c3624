//go:build nvidia

package encoder

import (
	"math/rand/v2"
	"slices"
	"testing"

	"crossbatch/backbone/network"
	"crossbatch/trainer/optim"
	"crossbatch/xbm/internal/cuda"
	"crossbatch/xbm/internal/cuda/cudatest"
)

// Steps of the optimizers are the processor's, of the same gradients; what they remember can
// be taken out and put back; numbers that are not finite are seen.
func TestUpdatesAreTheProcessors(t *testing.T) {
	c := open(t)
	b := network.NewBuilder(2, 5, 4)
	x := b.BatchNorm(b.Convolution(b.Images(), "conv", network.Convolution{Filters: 5, Size: 3, Stride: 1, Pad: 1}), "bn")
	n, err := b.Finish(b.Linear(x, "fc", 1, 3))
	if err != nil {
		t.Fatal(err)
	}
	for _, config := range []optim.Config{
		{WeightDecay: 0.1}, {Name: "adamw", WeightDecay: 0.2}, {Name: "rmsprop", WeightDecay: 0.1}, {Name: "rmsprop", Momentum: 0.9},
		{Name: "sgd", WeightDecay: 0.1}, {Name: "sgd", Momentum: 0.9, WeightDecay: 0.1},
	} {
		rng := rand.New(rand.NewPCG(2, 2))
		s := fresh(n, drawn(n, rng))
		e, err := New(c, cuda.FP32, n, s.arrays)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Trainable(s.grads); err != nil {
			t.Fatal(err)
		}
		host, err := optim.New(config)
		if err != nil {
			t.Fatal(err)
		}
		for step := range 3 {
			slope := gauss(rng, 4*3)
			must(t, e.Train(gauss(rng, 4*40), func(dEmb, _ []float32) error { copy(dEmb, slope); return nil }))
			must(t, e.Fetch())
			if finite, err := e.Finite(); err != nil || !finite {
				t.Fatalf("%v, %v", finite, err)
			}
			host.Begin(0.01)
			want := make([][]float32, len(s.arrays))
			for i, grad := range s.grads {
				want[i] = slices.Clone(s.arrays[i])
				if grad == nil {
					continue
				}
				must(t, e.Update(i, Update(host.(optim.Told).Step(i, 2))))
				host.Update(i, 2, want[i], grad)
			}
			if step == 1 { // what is remembered goes out and in again
				for i, grad := range s.grads {
					for k := range host.State().Slots {
						slot := make([]float32, len(grad))
						if has, err := e.Slot(i, k, slot); grad != nil && err == nil && has {
							must(t, e.SetSlot(i, k, slot))
							if off := cudatest.Farthest(slot, (*host.State().Slots[k])[i]); !(off <= 1e-5) {
								t.Errorf("%+v: slot %d of %s is off by %.2g", config, k, n.Parameters[i].Name, off)
							}
						}
					}
				}
			}
			must(t, e.Fetch())
			for i := range want {
				if off := cudatest.Farthest(s.arrays[i], want[i]); !(off <= 1e-5) {
					t.Errorf("%+v, step %d: %s is off by %.2g", config, step, n.Parameters[i].Name, off)
				}
			}
		}
		must(t, e.Train(gauss(rng, 40), func(dEmb, _ []float32) error { dEmb[1] = float32(1e38); dEmb[2] = dEmb[1] * dEmb[1]; return nil }))
		if finite, err := e.Finite(); err != nil || finite {
			t.Errorf("infinite gradients: %v, %v", finite, err)
		}
	}
}

// A training that goes on from what was fetched is the one that went on without: to the byte.
func TestTrainingGoesOn(t *testing.T) {
	c := open(t)
	b := network.NewBuilder(2, 5, 4)
	x := b.BatchNorm(b.Convolution(b.Images(), "conv", network.Convolution{Filters: 5, Size: 3, Stride: 1, Pad: 1}), "bn")
	n, err := b.Finish(b.Linear(b.ReLU(x), "fc", 1, 3))
	if err != nil {
		t.Fatal(err)
	}
	s := fresh(n, drawn(n, rand.New(rand.NewPCG(4, 4))))
	begin := func(s stepped) *Encoder {
		e, err := New(c, cuda.TF32, n, s.arrays)
		if err != nil {
			t.Fatal(err)
		}
		must(t, e.Trainable(s.grads))
		return e
	}
	steps := func(e *Encoder, host optim.Optimizer, grads [][]float32, from, to uint64) {
		for k := from; k < to; k++ {
			rng := rand.New(rand.NewPCG(k, 1))
			must(t, e.Train(gauss(rng, 4*40), func(dEmb, emb []float32) error { copy(dEmb, emb); return nil }))
			host.Begin(0.05)
			for i, grad := range grads {
				if grad != nil {
					must(t, e.Update(i, Update(host.(optim.Told).Step(i, 1))))
				}
			}
		}
		must(t, e.Fetch())
	}
	first, host := begin(s), &optim.Adam{}
	steps(first, host, s.grads, 0, 2)
	other := fresh(n, s.arrays)
	second := begin(other)
	for i, grad := range s.grads {
		for k := range 2 {
			if grad == nil {
				continue
			}
			slot := make([]float32, len(grad))
			if has, err := first.Slot(i, k, slot); err != nil || !has {
				t.Fatal(has, err)
			}
			must(t, second.SetSlot(i, k, slot))
		}
	}
	steps(second, &optim.Adam{Steps: host.Steps}, s.grads, 2, 4)
	steps(first, host, s.grads, 2, 4)
	for i := range s.arrays {
		if !slices.Equal(s.arrays[i], other.arrays[i]) {
			t.Errorf("%s went on otherwise", n.Parameters[i].Name)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
