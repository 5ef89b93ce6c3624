package backbone

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"crossbatch/backbone/network"
)

var small = Config{Kind: Conv4, Channels: 2, Height: 18, Width: 16, Filters: 5, Dim: 6, Seed: 3}

// chunkTolerance is what an embedding may differ between batch sizes: a matrix
// product of other size may add in another order.
const chunkTolerance = 1e-6

// However many images are embedded at a time, each has its one embedding.
func TestEmbedInChunksEqualsOneByOne(t *testing.T) {
	n, images := randomNet(t, small, 83) // 64 + 2×8 + 3
	all := make([]float32, 83*n.Dim())
	if err := n.Embed(all, images); err != nil {
		t.Fatal(err)
	}
	one := make([]float32, n.Dim())
	for i := range 83 {
		if err := n.Embed(one, images[i*n.pixels:(i+1)*n.pixels]); err != nil {
			t.Fatal(err)
		}
		for j, v := range one {
			if d := math.Abs(float64(v - all[i*n.Dim()+j])); !(d < chunkTolerance) {
				t.Fatalf("image %d, element %d: %g alone, %g in a batch", i, j, v, all[i*n.Dim()+j])
			}
		}
		if math.Abs(norm(one)-1) > 1e-6 {
			t.Errorf("image %d: embedding of length %g", i, norm(one))
		}
	}
}

func TestEmbedRefuses(t *testing.T) {
	n, images := randomNet(t, tiny, 2)
	for _, lengths := range [][2]int{{2, 3}, {1, 4}, {3, 4}, {1, 0}} {
		err := n.Embed(make([]float32, lengths[0]), images[:lengths[1]])
		if err == nil || !strings.HasPrefix(err.Error(), "backbone: ") {
			t.Errorf("%v: error %v", lengths, err)
		}
	}
	if err := n.Embed(nil, nil); err != nil {
		t.Errorf("no images: %v", err)
	}
}

// Embedding sees what is written to the state and what training does to it, and
// does nothing to it.
func TestEmbedSharesTheState(t *testing.T) {
	n, images := randomNet(t, small, 3)
	embed := func() []float32 {
		emb := make([]float32, 3*n.Dim())
		if err := n.Embed(emb, images); err != nil {
			t.Fatal(err)
		}
		return emb
	}
	first := embed()
	before := fmt.Sprint(values(n))
	if !sameBits(embed(), first) || fmt.Sprint(values(n)) != before {
		t.Fatal("embedding has an effect")
	}
	n.State(func(name string, _ []int, value, _ []float32) {
		old := slices.Clone(value)
		for i := range value {
			value[i] += 0.25
		}
		if slices.Equal(embed(), first) {
			t.Errorf("%s changed, the embeddings did not", name)
		}
		copy(value, old)
	})
	if !sameBits(embed(), first) {
		t.Fatal("with the old state, other embeddings")
	}
	if err := n.Train(images, whole); err != nil {
		t.Fatal(err)
	}
	if slices.Equal(embed(), first) {
		t.Error("training moved the running statistics, the embeddings did not change")
	}
}

// While parameters are held their changes are not looked for, and afterwards all are seen.
func TestHeldParameters(t *testing.T) {
	n, images := randomNet(t, Config{Kind: Conv4, Channels: 1, Height: 16, Width: 16, Filters: 8}, 3)
	embed := func() []float32 {
		emb := make([]float32, 3*n.Dim())
		if err := n.Embed(emb, images); err != nil {
			t.Fatal(err)
		}
		return emb
	}
	change := func() {
		n.State(func(_ string, _ []int, value, _ []float32) {
			for i := range value {
				value[i] *= 1 + float32(i%3)/8
			}
		})
	}
	outer := n.Hold()
	before := embed()
	inner := n.Hold()
	inner()
	change()
	if !slices.Equal(embed(), before) {
		t.Error("parameters that are held were looked at again")
	}
	outer()
	release := n.Hold() // with no call between
	after := embed()
	release()
	if slices.Equal(after, before) || !slices.Equal(embed(), after) {
		t.Error("a change was not seen when the parameters were held anew")
	}
	change()
	if slices.Equal(embed(), after) {
		t.Error("a change was not seen where nothing is held")
	}
}

func TestStateIsStable(t *testing.T) {
	n, images := randomNet(t, small, 5)
	type entry struct {
		name        string
		value, grad *float32
	}
	visit := func() (all []entry) {
		n.State(func(name string, shape []int, value, grad []float32) {
			if len(value) != network.Elements(shape) || grad != nil && len(grad) != len(value) {
				t.Errorf("%s: shape %v of %d and %d", name, shape, len(value), len(grad))
			}
			e := entry{name: name, value: &value[0]}
			if grad != nil {
				e.grad = &grad[0]
			}
			all = append(all, e)
		})
		return all
	}
	before := visit()
	for _, rows := range []int{5, 2} {
		if err := n.Train(images[:rows*n.pixels], whole); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(before, visit()) {
		t.Error("names, order or storage have changed")
	}
}

// Gradients are those of the last step alone, of whatever batch size.
func TestGradientsDoNotAccumulate(t *testing.T) {
	n, images := randomNet(t, Config{Kind: Conv4, Channels: 1, Height: 16, Width: 16, Filters: 3, Dim: 4}, 5)
	gradients := func(rows int) (all []float32) {
		if err := n.Train(images[:rows*n.pixels], whole); err != nil {
			t.Fatal(err)
		}
		n.State(func(_ string, _ []int, _, grad []float32) { all = append(all, grad...) })
		return all
	}
	first := gradients(5)
	gradients(2)
	if !sameBits(gradients(5), first) {
		t.Error("the same step again gives other gradients")
	}
}

// lossTolerance is what the slope of the whole network's loss along its
// gradient may differ from finite differences, relative: some ReLU and some
// maximum changes sides within a step.
const lossTolerance = 0.02

// The loss Σ g·e + e² w is smooth in the embeddings e.
func TestGradientOfTheWholeNet(t *testing.T) {
	for _, cfg := range []Config{
		{Kind: Conv4, Channels: 2, Height: 17, Width: 20, Filters: 4, Dim: 5},
		{Kind: Conv4, Channels: 2, Height: 16, Width: 16, Filters: 4, Dim: 5, NoBatchNorm: true},
		{Kind: MLP, Channels: 1, Height: 5, Width: 4, Filters: 12, Dim: 5},
	} {
		t.Run(fmt.Sprintf("%s NoBatchNorm=%v", cfg.Kind, cfg.NoBatchNorm), func(t *testing.T) {
			n, images := randomNet(t, cfg, 7)
			rng := rand.New(rand.NewPCG(1, 2))
			g, w := normals(rng, 7*n.Dim()), normals(rng, 7*n.Dim())
			loss := func() (value float64) {
				err := n.Train(images, func(dEmb, emb []float32) error {
					for i, e := range emb {
						value += float64(g[i])*float64(e) + float64(w[i])*float64(e)*float64(e)
						dEmb[i] = g[i] + 2*w[i]*e
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				return value
			}
			loss()
			n.State(func(name string, _ []int, value, grad []float32) {
				if grad == nil {
					return
				}
				gradient, old := slices.Clone(grad), slices.Clone(value)
				length := norm(gradient)
				if length < 1e-4 {
					return // too flat for differences of float32
				}
				const step = 1e-3
				moved := func(by float64) float64 {
					for i := range value {
						value[i] = old[i] + float32(by*float64(gradient[i])/length)
					}
					return loss()
				}
				slope := (moved(step) - moved(-step)) / (2 * step)
				copy(value, old)
				if math.Abs(slope/length-1) > lossTolerance {
					t.Errorf("%s: slope %g along a gradient of length %g", name, slope, length)
				}
			})
		})
	}
}

// The same seed gives the same bits, on any number of cores, and another seed
// others.
func TestTrainingIsDeterministic(t *testing.T) {
	train := func(cores int, cfg Config) []byte {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		n, _ := randomNet(t, cfg, 1)
		rng := rand.New(rand.NewPCG(1, 2))
		batches := []int{21, 4, 21}
		if cfg.Channels == 3 { // large networks
			batches = []int{3, 2, 3}
		}
		for _, rows := range batches {
			err := n.Train(normals(rng, rows*n.pixels), func(dEmb, emb []float32) error {
				copy(dEmb, emb)
				dEmb[0]++
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			n.State(func(_ string, _ []int, value, grad []float32) {
				for i, g := range grad {
					value[i] -= 0.1 * g
				}
			})
		}
		return written(t, n)
	}
	other := small
	other.Seed++
	all := []Config{small, {Kind: Conv4, Channels: 1, Height: 32, Width: 16, Filters: 16, Dropout: 0.1}, {Kind: MLP, Channels: 1, Height: 9, Width: 7}}
	for _, kind := range Kinds() {
		cfg := Config{Kind: kind, Channels: 3, Height: 17, Width: 30, Filters: 8, Dim: 5}
		if kind == BNInception {
			cfg.Height, cfg.Width = 32, 32
		}
		all = append(all, cfg)
	}
	for _, cfg := range all {
		want := train(1, cfg)
		for _, cores := range []int{1, 2, 4} {
			if !slices.Equal(train(cores, cfg), want) {
				t.Errorf("%s: other bytes on %d cores", cfg.Kind, cores)
			}
		}
	}
	if slices.Equal(train(1, small), train(1, other)) {
		t.Error("two seeds, one network")
	}
}

// Steps after the first allocate no arrays. Measured 447 allocations a step and
// 146 for an embedding of 64: mostly the tape machine's list of inputs for each
// operation, and closures.
func TestSteadyStateAllocatesLittle(t *testing.T) {
	const budgetTrain, budgetEmbed = 600, 200
	n, images := randomNet(t, small, 64)
	emb := make([]float32, 64*n.Dim())
	step := testing.AllocsPerRun(5, func() {
		if err := n.Train(images, whole); err != nil {
			t.Fatal(err)
		}
	})
	embed := testing.AllocsPerRun(5, func() {
		if err := n.Embed(emb, images); err != nil {
			t.Fatal(err)
		}
	})
	if step > budgetTrain || embed > budgetEmbed {
		t.Errorf("%g allocations a step, budget %d; %g an embedding, budget %d", step, budgetTrain, embed, budgetEmbed)
	}
	t.Logf("%g allocations a step, %g an embedding", step, embed)
}
