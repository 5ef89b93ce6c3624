//go:build nvidia

package encoder

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"crossbatch/backbone/inference"
	"crossbatch/backbone/network"
	"crossbatch/xbm/internal/cuda"
	"crossbatch/xbm/internal/cuda/cudatest"
)

// single is a network of little more than one operation.
type single struct {
	name  string
	input []int
	build func(*network.Builder, network.Value) network.Value
}

// singles are the operations, in odd shapes.
func singles() []single {
	conv := func(filters, size, stride, pad int, bias bool) func(*network.Builder, network.Value) network.Value {
		return func(b *network.Builder, x network.Value) network.Value {
			return b.Convolution(x, "conv", network.Convolution{Filters: filters, Size: size, Stride: stride, Pad: pad, Bias: bias})
		}
	}
	of := func(op network.Op) func(*network.Builder, network.Value) network.Value {
		return func(b *network.Builder, x network.Value) network.Value { return b.Apply(op, nil, x) }
	}
	patches := func(b *network.Builder, x network.Value, channels int) network.Value {
		return b.Patches(x, 2, channels, 3)
	}
	return []single{
		{"convolution 3×3", []int{3, 9, 7}, conv(5, 3, 1, 1, true)},
		{"convolution 5×5 by 2", []int{6, 8, 11}, conv(70, 5, 2, 2, false)},
		{"convolution 1×1 by 2", []int{37, 5, 5}, conv(9, 1, 2, 0, true)},
		{"convolution 2×2 without padding", []int{1, 4, 6}, conv(66, 2, 2, 0, true)},
		{"fused", []int{4, 6, 5}, func(b *network.Builder, x network.Value) network.Value {
			y := b.BatchNorm(conv(6, 3, 1, 1, true)(b, x), "bn")
			return b.ReLU(b.Sum(y, b.BatchNorm(b.Convolution(x, "shortcut", network.Convolution{Filters: 6, Size: 1, Stride: 1}), "other")))
		}},
		{"norm alone", []int{5, 3, 4}, func(b *network.Builder, x network.Value) network.Value { return b.BatchNorm(b.ReLU(x), "bn") }},
		{"sum", []int{5, 3, 4}, func(b *network.Builder, x network.Value) network.Value {
			x = conv(5, 1, 1, 0, true)(b, x)
			return b.ReLU(b.Sum(x, b.GELU(x)))
		}},
		{"depthwise", []int{7, 9, 6}, func(b *network.Builder, x network.Value) network.Value {
			return b.ReLU(b.BatchNorm(b.Depthwise(x, "deep", network.Depthwise{Size: 5, Stride: 2, Pad: 2}), "bn"))
		}},
		{"max pool", []int{5, 7, 9}, of(network.MaxPool{Size: 3, Stride: 2, Pad: 1})},
		{"max pool up", []int{5, 8, 6}, of(network.MaxPool{Size: 3, Stride: 2, Ceil: true})},
		{"average pool", []int{5, 7, 9}, of(network.AveragePool{Size: 3, Stride: 1, Pad: 1})},
		{"global average", []int{6, 5, 3}, of(network.GlobalAverage{})},
		{"global max", []int{6, 5, 3}, of(network.GlobalMax{})},
		{"linear of an image", []int{5, 3, 4}, func(b *network.Builder, x network.Value) network.Value { return b.Linear(x, "fc", 1, 7) }},
		{"linear of a row", []int{130, 1, 1}, func(b *network.Builder, x network.Value) network.Value {
			return b.Linear(b.GlobalMax(x), "fc", 1, 67)
		}},
		{"normalize an image", []int{3, 3, 2}, func(b *network.Builder, x network.Value) network.Value {
			return b.Normalize(b.Apply(network.HardSigmoid{}, nil, x))
		}},
		{"ReLU", []int{3, 3, 2}, of(network.ReLU{})},
		{"HardSwish", []int{3, 3, 2}, of(network.HardSwish{})},
		{"HardSigmoid", []int{3, 3, 2}, func(b *network.Builder, x network.Value) network.Value {
			return conv(4, 1, 1, 0, true)(b, b.Apply(network.HardSigmoid{}, nil, x))
		}},
		{"GELU", []int{3, 3, 2}, of(network.GELU{})},
		{"squeeze and excite", []int{6, 4, 3}, func(b *network.Builder, x network.Value) network.Value { return b.SqueezeExcite(x, "se", 3) }},
		{"rescale", []int{3, 4, 3}, of(network.Rescale{From: []int{2, 1, 0, 1}, Factor: []float32{1, 2, 3, 4}, Shift: []float32{4, 3, 2, 1}})},
		{"concatenation", []int{3, 4, 5}, func(b *network.Builder, x network.Value) network.Value {
			x = conv(3, 1, 1, 0, true)(b, x)
			return b.Concat(x, b.Convolution(x, "a", network.Convolution{Filters: 3, Size: 1, Stride: 1}), b.GELU(x))
		}},
		{"patches", []int{3, 7, 5}, func(b *network.Builder, x network.Value) network.Value { return patches(b, x, 10) }},
		{"attention", []int{3, 8, 6}, func(b *network.Builder, x network.Value) network.Value {
			x = b.TokenLinear(patches(b, x, 12), "qkv", 36)
			return b.Apply(network.Attention{Heads: 3}, nil, x)
		}},
		{"attention of one head", []int{3, 8, 6}, func(b *network.Builder, x network.Value) network.Value {
			x = b.TokenLinear(patches(b, x, 6), "qkv", 18)
			return b.Apply(network.Attention{Heads: 1}, nil, x)
		}},
		{"first and mean token", []int{3, 6, 6}, func(b *network.Builder, x network.Value) network.Value {
			x = b.Scale(b.LayerNorm(patches(b, x, 7), "norm"), "gamma", 0.5)
			return b.Concat(b.Apply(network.FirstToken{}, nil, x), b.Apply(network.MeanToken{}, nil, x))
		}},
		{"layer norm of a row", []int{3, 6, 6}, func(b *network.Builder, x network.Value) network.Value {
			return b.LayerNorm(b.Linear(x, "fc", 1, 9), "norm")
		}},
	}
}

// finish makes the network, with all parameters drawn at random.
func (s single) finish(t *testing.T, rng *rand.Rand) (*network.Network, [][]float32) {
	t.Helper()
	b := network.NewBuilder(s.input...)
	n, err := b.Finish(s.build(b, b.Images()))
	if err != nil {
		t.Fatal(err)
	}
	return n, drawn(n, rng)
}

// drawn are random numbers for a network's parameters: those that are multiplied with a
// number each by fan-in, variances above 0.
func drawn(n *network.Network, rng *rand.Rand) [][]float32 {
	arrays := make([][]float32, len(n.Parameters))
	for i, p := range n.Parameters {
		arrays[i] = make([]float32, network.Elements(p.Shape))
		for k := range arrays[i] {
			arrays[i][k] = float32(rng.NormFloat64() / math.Sqrt(float64(max(1, p.Inputs))))
			if p.Start == 1 {
				arrays[i][k] = 0.5 + rng.Float32()
			}
		}
	}
	return arrays
}

func gauss(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// bounds are what one operation may be off by: factors are rounded to 22, 11 or 8 bits,
// sums are of float32.
func bounds() map[cuda.Precision]float64 {
	return map[cuda.Precision]float64{cuda.FP32: 2e-6, cuda.TF32: 2e-3, cuda.BF16: 1.5e-2}
}

// Each operation is the processor's, in odd shapes, for one image and for several.
func TestOperationsAreTheProcessors(t *testing.T) {
	c := open(t)
	few := os.Getenv("XBM_CUDA_FEW") != ""
	for k, s := range singles() {
		for _, precision := range []cuda.Precision{cuda.FP32, cuda.TF32, cuda.BF16} {
			if few && precision == cuda.TF32 {
				continue
			}
			rng := rand.New(rand.NewPCG(uint64(k), 3))
			n, arrays := s.finish(t, rng)
			e, err := New(c, precision, n, arrays)
			if err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
			p, err := inference.New(n, arrays)
			if err != nil {
				t.Fatal(err)
			}
			for _, batch := range []int{3, 1} {
				images := gauss(rng, batch*network.Elements(n.Input))
				want := make([]float32, batch*e.dim)
				got, again := make([]float32, len(want)), make([]float32, len(want))
				p.Embed(want, images)
				if err := e.Embed(got, images); err != nil {
					t.Fatalf("%s: %v", s.name, err)
				}
				if off := cudatest.Farthest(got, want); !(off <= bounds()[precision]) {
					t.Errorf("%s, %s, %d images: off by %.2g", s.name, precision, batch, off)
				}
				if err := e.Embed(again, images); err != nil || !slices.Equal(again, got) {
					t.Errorf("%s, %s: a second run differs, %v", s.name, precision, err)
				}
			}
			// What was changed is brought anew.
			for _, a := range arrays {
				for i := range a {
					a[i] *= 0.75
				}
			}
			images := gauss(rng, network.Elements(n.Input))
			want, got := make([]float32, e.dim), make([]float32, e.dim)
			p.Embed(want, images)
			if err := e.Embed(got, images); err != nil {
				t.Fatal(err)
			}
			if off := cudatest.Farthest(got, want); !(off <= bounds()[precision]) {
				t.Errorf("%s, %s, other parameters: off by %.2g", s.name, precision, off)
			}
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Where memory is short, fewer images are in work at a time, with the same embeddings; where
// it is too short for one, that is told.
func TestEmbedMakesDo(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	b := network.NewBuilder(4, 32, 32)
	n, err := b.Finish(b.GlobalAverage(b.ReLU(b.Apply(network.GELU{}, nil, b.Images()))))
	if err != nil {
		t.Fatal(err)
	}
	images := gauss(rng, 100*4*32*32)
	embed := func(limit int64) ([]float32, error) {
		c, err := cuda.Open(0, cuda.Options{Limit: limit, Debug: true})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { must(t, c.Close()) }()
		e, err := New(c, cuda.FP32, n, nil)
		if err != nil {
			t.Fatal(err)
		}
		emb := make([]float32, 100*4)
		return emb, e.Embed(emb, images)
	}
	want, err := embed(0)
	must(t, err)
	if got, err := embed(1 << 20); err != nil || !slices.Equal(got, want) {
		t.Errorf("short of memory: %v, or other embeddings", err)
	}
	if _, err := embed(30 << 10); !errors.Is(err, cuda.ErrMemory) {
		t.Errorf("too little for one image: %v", err)
	}
}

// Lengths that do not fit are refused, and no image is no work.
func TestEmbedRefuses(t *testing.T) {
	c := open(t)
	n, arrays := singles()[0].finish(t, rand.New(rand.NewPCG(1, 1)))
	e, err := New(c, cuda.FP32, n, arrays)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range [][2]int{{1, 3 * 63}, {e.dim, 5}, {0, 3 * 63}} {
		if err := e.Embed(make([]float32, l[0]), make([]float32, l[1])); err == nil {
			t.Errorf("%v is not refused", l)
		}
	}
	if err := e.Embed(nil, nil); err != nil {
		t.Error(err)
	}
	type odd struct{ network.Op }
	strange := *n
	strange.Nodes = slices.Clone(n.Nodes)
	strange.Nodes[0].Op = odd{}
	if _, err := New(c, cuda.FP32, &strange, arrays); err == nil || err.Error() != fmt.Sprintf("no kernel is for %T", odd{}) {
		t.Errorf("an operation without a kernel: %v", err)
	}
}
