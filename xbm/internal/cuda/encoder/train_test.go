//go:build nvidia

package encoder

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"crossbatch/backbone"
	"crossbatch/backbone/graph"
	"crossbatch/backbone/network"
	"crossbatch/xbm/internal/cuda"
)

// stepped is what a training step leaves.
type stepped struct {
	emb    []float32
	grads  [][]float32
	arrays [][]float32
}

// fresh are copies of arrays, and room for the gradients of those that are trained.
func fresh(n *network.Network, arrays [][]float32) (s stepped) {
	for i, a := range arrays {
		s.arrays = append(s.arrays, slices.Clone(a))
		s.grads = append(s.grads, nil)
		if n.Parameters[i].IsTrained() {
			s.grads[i] = make([]float32, len(a))
		}
	}
	return s
}

// onProcessor takes a step by the graph.
func onProcessor(t *testing.T, n *network.Network, arrays [][]float32, images, slope []float32, batch int) stepped {
	t.Helper()
	s := fresh(n, arrays)
	var all []graph.Array
	for i := range arrays {
		all = append(all, graph.Array{Value: s.arrays[i], Grad: s.grads[i]})
	}
	g, err := graph.New(n, all, batch, graph.Training, &graph.Scratch{})
	if err != nil {
		t.Fatal(err)
	}
	copy(g.Images, images)
	if err := g.Step(func(dEmb, emb []float32) error {
		s.emb = slices.Clone(emb)
		copy(dEmb, slope)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

// onCard takes a step by the device.
func onCard(t *testing.T, c *cuda.Context, precision cuda.Precision, n *network.Network, arrays [][]float32, images, slope []float32) stepped {
	t.Helper()
	s := fresh(n, arrays)
	e, err := New(c, precision, n, s.arrays)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Trainable(s.grads); err != nil {
		t.Fatal(err)
	}
	if err := e.Train(images, func(dEmb, emb []float32) error {
		s.emb = slices.Clone(emb)
		copy(dEmb, slope)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return s
}

// compare fails where two steps differ by more than most, each array in parts of its norm, or
// of that of numbers of 0.03: some gradients are nothing but what rounding leaves.
func compare(t *testing.T, what string, n *network.Network, got, want stepped, most float64) (worst float64) {
	t.Helper()
	check := func(of string, got, want []float32) {
		var off, norm float64
		for i := range want {
			off += math.Pow(float64(got[i])-float64(want[i]), 2)
			norm += math.Pow(float64(want[i]), 2)
		}
		off = math.Sqrt(off) / math.Sqrt(norm+1e-3*float64(len(want)))
		worst = max(worst, off)
		if !(off <= most) {
			t.Errorf("%s: %s is off by %.2g, most %.2g", what, of, off, most)
		}
	}
	check("the embedding", got.emb, want.emb)
	for i, p := range n.Parameters {
		if p.IsTrained() {
			check("the gradient of "+p.Name, got.grads[i], want.grads[i])
		}
		check(p.Name, got.arrays[i], want.arrays[i])
	}
	return worst
}

// Each operation's gradients are the processor's, those of its input by a convolution before
// it, and running statistics move alike; the same step gives the same bytes.
func TestGradientsAreTheProcessors(t *testing.T) {
	c := open(t)
	few := os.Getenv("XBM_CUDA_FEW") != ""
	for k, s := range singles() {
		rng := rand.New(rand.NewPCG(uint64(k), 5))
		b := network.NewBuilder(s.input...)
		x := b.Convolution(b.Images(), "before", network.Convolution{Filters: s.input[0], Size: 1, Stride: 1, Bias: true})
		n, err := b.Finish(s.build(b, x))
		if err != nil {
			t.Fatal(err)
		}
		arrays := drawn(n, rng)
		e, err := New(c, cuda.FP32, n, arrays)
		if err == nil {
			err = e.Trainable(fresh(n, arrays).grads)
		}
		if s.name == "rescale" && err != nil && strings.HasPrefix(err.Error(), "no kernel trains") {
			continue // it is for images alone
		}
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		for _, precision := range []cuda.Precision{cuda.FP32, cuda.TF32, cuda.BF16} {
			if few && precision != cuda.FP32 {
				continue
			}
			const batch = 3
			images, slope := gauss(rng, batch*e.pixels), gauss(rng, batch*e.dim)
			got := onCard(t, c, precision, n, arrays, images, slope)
			if precision == cuda.FP32 {
				compare(t, s.name, n, got, onProcessor(t, n, arrays, images, slope, batch), 1e-4)
			} else {
				// Rounded products may turn the sign of a ReLU, or which number is the largest.
				compare(t, s.name+" in "+string(precision), n, got, onProcessor(t, n, arrays, images, slope, batch), map[cuda.Precision]float64{cuda.TF32: 0.1, cuda.BF16: 0.4}[precision])
			}
			if again := onCard(t, c, precision, n, arrays, images, slope); compare(t, s.name+" again", n, again, got, 0) != 0 {
				t.Errorf("%s: a second step differs", s.name)
			}
		}
	}
}

// The gradient is that of the device's own forward pass, by differences.
func TestGradientIsTheForwards(t *testing.T) {
	c := open(t)
	rng := rand.New(rand.NewPCG(1, 9))
	b := network.NewBuilder(2, 6, 5)
	x := b.BatchNorm(b.Convolution(b.Images(), "conv", network.Convolution{Filters: 5, Size: 3, Stride: 2, Pad: 1, Bias: true}), "bn")
	x = b.Apply(network.GELU{}, nil, x)
	x = b.Sum(x, b.Convolution(x, "next", network.Convolution{Filters: 5, Size: 1, Stride: 1}))
	x = b.LayerNorm(b.Linear(b.GlobalAverage(x), "fc", 1, 6), "norm")
	n, err := b.Finish(b.Normalize(x))
	if err != nil {
		t.Fatal(err)
	}
	arrays := drawn(n, rng)
	images, slope := gauss(rng, 4*60), gauss(rng, 4*6)
	loss := func() float64 {
		var sum float64
		for i, v := range onCard(t, c, cuda.FP32, n, arrays, images, slope).emb {
			sum += float64(v) * float64(slope[i])
		}
		return sum
	}
	got := onCard(t, c, cuda.FP32, n, arrays, images, slope)
	for i, p := range n.Parameters {
		if !p.IsTrained() {
			continue
		}
		for range 2 {
			const h = 4e-3
			k := rng.IntN(len(arrays[i]))
			was := arrays[i][k]
			arrays[i][k] = was + h
			above := loss()
			arrays[i][k] = was - h
			below := loss()
			arrays[i][k] = was
			want := (above - below) / (2 * h)
			if off := math.Abs(float64(got.grads[i][k]) - want); !(off <= 2e-3+1e-2*math.Abs(want)) {
				t.Errorf("%s[%d]: %g, by differences %g", p.Name, k, got.grads[i][k], want)
			}
		}
	}
}

// Networks are trained as on the processor. All of them take a minute or two: by default
// those that have each operation between them.
func TestTrainedNetworksAreTheProcessors(t *testing.T) {
	c := open(t)
	for k, config := range []backbone.Config{
		{Kind: backbone.Conv4, Filters: 5}, {Kind: backbone.Conv4, Filters: 4, NoBatchNorm: true, LayerNorm: true, Head: backbone.HeadMLP},
		{Kind: backbone.ResNet18, Filters: 4}, {Kind: backbone.ResNet18, Filters: 4, Freeze: backbone.FreezeBatchNorm, MaxPool: true},
		{Kind: backbone.ResNet18, Filters: 4, Freeze: backbone.FreezeTrunk, Dropout: 0.4}, {Kind: backbone.Conv4, Filters: 4, Dropout: 0.2}, {Kind: backbone.MLP, Filters: 20}, {Kind: backbone.Linear},
		{Kind: backbone.GoogLeNet, Filters: 4}, {Kind: backbone.BNInception, Filters: 4}, {Kind: backbone.MobileNetV3Small, Filters: 4}, {Kind: backbone.MobileNetV3Large, Filters: 4},
		{Kind: backbone.ViTS16, Filters: 70, TokenPool: backbone.TokenBoth}, {Kind: backbone.ViTS14, Filters: 64}, {Kind: backbone.ViTB16, Filters: 128},
	} {
		config.Channels, config.Height, config.Width, config.Dim = 3, 16, 20, 6
		switch config.Kind {
		case backbone.BNInception, backbone.ViTS16, backbone.ViTB16:
			config.Height, config.Width = 32, 32
		case backbone.ViTS14:
			config.Height, config.Width = 28, 28
		}
		t.Run(config.Kind, func(t *testing.T) {
			if os.Getenv("XBM_EXHAUSTIVE") == "" && slices.Contains([]string{backbone.GoogLeNet, backbone.BNInception, backbone.MobileNetV3Large, backbone.ViTS14, backbone.ViTB16}, config.Kind) {
				t.Skip("XBM_EXHAUSTIVE=1 runs it")
			}
			net, err := backbone.New(config)
			if err != nil {
				t.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(uint64(k), 1))
			arrays, n := arraysOf(net, rng), net.Network()
			batch := 6
			if strings.HasPrefix(config.Kind, "vit") {
				batch = 3
			}
			images, slope := gauss(rng, batch*network.Elements(n.Input)), gauss(rng, batch*6)
			most := 1e-3
			if config.Kind == backbone.BNInception {
				// Rounding grows over its layers of batch normalisation: each step is exact, no sign
				// turns, and float64's gradients are 2e-3 off.
				most = 5e-3
				got, w := watchedOnCard(t, c, n, arrays, images, slope)
				w.stepByStep(t, got.grads)
				if count, at := w.turned(w.step(widened(slope), false)); count > 0 {
					t.Errorf("%d signs have turned, at %.2g", count, at)
				}
			}
			worst := compare(t, config.Kind, n, onCard(t, c, cuda.FP32, n, arrays, images, slope), onProcessor(t, n, arrays, images, slope, batch), most)
			t.Logf("off by %.2g", worst)
		})
	}
}
