package backbone

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
)

// crowd is a loss in which every image sees every other: Σ over pairs of (e·e')²/n.
// It stores the gradient and returns the value.
func crowd(dEmb, emb []float32, dim int) (value float64) {
	n := len(emb) / dim
	for i := range n {
		for j := range n {
			var dot float64
			for k := range dim {
				dot += float64(emb[i*dim+k]) * float64(emb[j*dim+k])
			}
			value += dot * dot / float64(n)
			for k := range dim {
				dEmb[i*dim+k] += float32(4 * dot / float64(n) * float64(emb[j*dim+k]))
			}
		}
	}
	return value
}

// crowdStep is a step with that loss: its value, and the gradients by name.
func crowdStep(t *testing.T, n *Net, images []float32) (value float64, grads map[string][]float32) {
	t.Helper()
	calls := 0
	err := n.Train(images, func(dEmb, emb []float32) error {
		calls++
		value = crowd(dEmb, emb, n.Dim())
		return nil
	})
	if err != nil || calls != 1 {
		t.Fatalf("%v after %d calls", err, calls)
	}
	grads = map[string][]float32{}
	n.State(func(name string, _ []int, _, grad []float32) {
		if grad != nil {
			grads[name] = slices.Clone(grad)
		}
	})
	return value, grads
}

// What adding up in another order may change in a gradient, relative to its norm
// and to the largest gradient's.
const chunkGradientTolerance = 2e-5

// Chunk by chunk, the gradient is that of the whole batch, dropout included, where
// no statistics are taken over images; and step after step it stays so.
func TestChunksGiveTheGradientOfTheBatch(t *testing.T) {
	const rows = 13
	for _, cfg := range []Config{
		{Kind: MLP, Channels: 1, Height: 5, Width: 4, Filters: 12, Dim: 5},
		{Kind: MLP, Channels: 1, Height: 5, Width: 4, Filters: 12, Dim: 5, Dropout: 0.3, Head: HeadMLP},
		{Kind: Conv4, Channels: 1, Height: 16, Width: 16, Filters: 4, Dim: 5, NoBatchNorm: true, Dropout: 0.2},
		{Kind: Conv4, Channels: 1, Height: 16, Width: 16, Filters: 4, Dim: 5, Freeze: FreezeBatchNorm},
		{Kind: ResNet18, Channels: 1, Height: 8, Width: 8, Filters: 2, Dim: 5, Freeze: FreezeBatchNorm, Dropout: 0.2},
		{Kind: ResNet18, Channels: 1, Height: 8, Width: 8, Filters: 2, Dim: 5, Freeze: FreezeTrunk},
	} {
		for _, chunk := range []int{1, 4, 6, 12, 13, 20} {
			t.Run(fmt.Sprintf("%s dropout %g freeze %q chunk %d", cfg.Kind, cfg.Dropout, cfg.Freeze, chunk), func(t *testing.T) {
				whole, images := randomNet(t, cfg, rows)
				cfg.Chunk = chunk
				cached, _ := randomNet(t, cfg, rows)
				for range 3 {
					value, grads := crowdStep(t, whole, images)
					got, cachedGrads := crowdStep(t, cached, images)
					if math.Abs(got-value) > 1e-5*value {
						t.Errorf("loss %g, of the whole batch %g", got, value)
					}
					var largest float64
					for _, g := range grads {
						largest = max(largest, norm(g))
					}
					for name, want := range grads {
						wide := make([]float64, len(want))
						for i, v := range want {
							wide[i] = float64(v)
						}
						if d := apart(cachedGrads[name], wide, max(norm(want), largest)); !(d < chunkGradientTolerance) {
							t.Errorf("%s is off by %g", name, d)
						}
					}
					for _, n := range []*Net{whole, cached} { // the other draws of the next step
						n.State(func(_ string, _ []int, value, grad []float32) {
							for i, g := range grad {
								value[i] -= 0.01 * g
							}
						})
					}
				}
			})
		}
	}
}

// With batch normalisation the gradient is that of the function whose statistics
// are each chunk's own, and the running statistics move once a chunk, in order.
func TestChunksWithBatchNorm(t *testing.T) {
	const rows, chunk = 11, 4
	cfg := Config{Kind: Conv4, Channels: 1, Height: 16, Width: 16, Filters: 3, Dim: 4, Seed: 5}
	single, images := randomNet(t, cfg, rows)
	cfg.Chunk = chunk
	cached, _ := randomNet(t, cfg, rows)
	var emb []float32
	err := cached.Train(images, func(_, e []float32) error { emb = slices.Clone(e); return nil })
	if err != nil {
		t.Fatal(err)
	}
	var want []float32
	for first := 0; first < rows; first += chunk {
		part := images[first*single.pixels : min(rows, first+chunk)*single.pixels]
		if err := single.Train(part, func(_, e []float32) error { want = append(want, e...); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if !sameBits(emb, want) {
		t.Error("embeddings are not those of the chunks, each by itself")
	}
	after := values(single)
	for name, value := range values(cached) {
		if !sameBits(value, after[name]) {
			t.Errorf("%s is not what one pass of each chunk leaves", name)
		}
	}

	_, grads := crowdStep(t, cached, images)
	cached.State(func(name string, _ []int, value, grad []float32) {
		if grad == nil {
			return
		}
		gradient, old := grads[name], slices.Clone(value)
		length := norm(gradient)
		if length < 1e-3 {
			return // too flat for differences of float32
		}
		const step = 1e-3
		moved := func(by float64) float64 {
			for i := range value {
				value[i] = old[i] + float32(by*float64(gradient[i])/length)
			}
			v, _ := crowdStep(t, cached, images)
			return v
		}
		slope := (moved(step) - moved(-step)) / (2 * step)
		copy(value, old)
		if math.Abs(slope/length-1) > lossTolerance {
			t.Errorf("%s: slope %g along a gradient of length %g", name, slope, length)
		}
	})
}

// An error of the loss ends the step and comes back as it is, and the next step is
// as if there had been none, but for what forward passes move.
func TestChunksReturnTheErrorOfTheLoss(t *testing.T) {
	cfg := Config{Kind: MLP, Channels: 1, Height: 5, Width: 4, Filters: 12, Dim: 5, Chunk: 3}
	n, images := randomNet(t, cfg, 8)
	_, want := crowdStep(t, n, images)
	refused := errors.New("refused")
	if err := n.Train(images, func(_, _ []float32) error { return refused }); err != refused {
		t.Errorf("%v", err)
	}
	if _, got := crowdStep(t, n, images); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error("the next step has other gradients")
	}
}

func TestChunksAreDeterministic(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first string
	for _, cores := range []int{1, 2, 3} {
		runtime.GOMAXPROCS(cores)
		cfg := small
		cfg.Chunk, cfg.Dropout = 5, 0.1
		n, images := randomNet(t, cfg, 13)
		value, grads := crowdStep(t, n, images)
		got := fmt.Sprint(value, grads, values(n))
		if first == "" {
			first = got
		}
		if got != first {
			t.Errorf("other numbers on %d cores", cores)
		}
	}
}
