package network

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// block is a convolution, a batch normalisation and what comes of them.
func block(b *Builder) Value {
	x := b.Convolution(b.Images(), "conv", Convolution{Filters: 4, Size: 3, Stride: 2, Pad: 1, Bias: true})
	return b.Sum(x, b.ReLU(b.BatchNorm(x, "bn")))
}

func TestBuilder(t *testing.T) {
	b := NewBuilder(3, 5, 8)
	x := block(b)
	b.Head = true
	x = b.LayerNorm(b.Linear(b.GlobalMax(x), "head", LinearGain, 2), "norm")
	n, err := b.Finish(b.Normalize(x))
	if err != nil {
		t.Fatal(err)
	}
	var shapes, parameters []string
	for _, node := range n.Nodes {
		shapes = append(shapes, fmt.Sprintf("%T%v of %v", node.Op, node.Shape, node.Inputs))
	}
	for _, p := range n.Parameters {
		parameters = append(parameters, fmt.Sprintf("%s%v trained %t head %t", p.Name, p.Shape, p.IsTrained(), p.Head))
	}
	for _, test := range []struct {
		got  []string
		want string
	}{
		{shapes, `network.Convolution[4 3 4] of [0]
network.BatchNorm[4 3 4] of [1]
network.ReLU[4 3 4] of [2]
network.Add[4 3 4] of [1 3]
network.GlobalMax[4] of [4]
network.Linear[2] of [5]
network.LayerNorm[2] of [6]
network.Normalize[2] of [7]`},
		{parameters, `conv.weight[4 3 3 3] trained true head false
conv.bias[4] trained true head false
bn.weight[4] trained true head false
bn.bias[4] trained true head false
bn.running_mean[4] trained false head false
bn.running_var[4] trained false head false
head.weight[2 4] trained true head true
head.bias[2] trained true head true
norm.weight[2] trained true head true
norm.bias[2] trained true head true`},
	} {
		if got := strings.Join(test.got, "\n"); got != test.want {
			t.Errorf("got\n%s\nwant\n%s", got, test.want)
		}
	}
	if n.Output != 8 || !slices.Equal(n.Shape(n.Output), []int{2}) || !slices.Equal(n.Shape(Images), []int{3, 5, 8}) {
		t.Errorf("output %d of %v, images %v", n.Output, n.Shape(n.Output), n.Shape(Images))
	}
	if parameters, widest := n.Size(); parameters != 108+4+16+8+2+4 || widest != 120 {
		t.Errorf("%d parameters, %d elements at most", parameters, widest)
	}
}

func TestFreezing(t *testing.T) {
	for _, test := range []struct {
		name              string
		builder           Builder
		trained           []string
		batchNormIsFrozen bool
	}{
		{"nothing", Builder{}, []string{"conv.weight", "conv.bias", "bn.weight", "bn.bias"}, false},
		{"batch norm", Builder{FreezeBatchNorm: true}, []string{"conv.weight", "conv.bias"}, true},
		{"all", Builder{FreezeAll: true}, nil, true},
	} {
		b := test.builder
		b.n.Input = []int{3, 4, 4}
		n, err := b.Finish(block(&b))
		if err != nil {
			t.Fatal(err)
		}
		var trained []string
		for _, p := range n.Parameters {
			if p.IsTrained() {
				trained = append(trained, p.Name)
			}
		}
		if !slices.Equal(trained, test.trained) || n.Nodes[1].Op.(BatchNorm).Frozen != test.batchNormIsFrozen {
			t.Errorf("%s: %v are trained", test.name, trained)
		}
	}
}

// The first mistake is told, whatever comes after it.
func TestMistakes(t *testing.T) {
	for want, build := range map[string]func(b *Builder) Value{
		"network.Convolution: a window of 7×7, 1 apart, with 0 of padding, does not fit [[3 4 6]]": func(b *Builder) Value {
			return b.ReLU(b.BatchNorm(b.Convolution(b.Images(), "conv", Convolution{Filters: 1, Size: 7, Stride: 1}), "bn"))
		},
		"network.MaxPool: {Size:2 Stride:2 Pad:2 Ceil:false} does not take inputs of [[3 4 6]]": func(b *Builder) Value {
			return b.MaxPool(b.Images(), MaxPool{Size: 2, Stride: 2, Pad: 2})
		},
		"two parameters are called conv.weight": func(b *Builder) Value {
			return b.Sum(b.Convolution(b.Images(), "conv", Convolution{Filters: 1, Size: 1, Stride: 1}), b.Convolution(b.Images(), "conv", Convolution{Filters: 1, Size: 1, Stride: 1}))
		},
		"network.Add: {} does not take inputs of [[3 4 6] [3]]": func(b *Builder) Value {
			return b.Sum(b.Images(), b.GlobalAverage(b.Images()))
		},
		"network.Linear: {Outputs:0 Tokens:false} does not take inputs of [[3 4 6]]": func(b *Builder) Value {
			return b.Linear(b.Images(), "fc", 1, 0)
		},
		"network.LayerNorm: {Epsilon:1e-05} does not take inputs of [[3 4 6]]": func(b *Builder) Value {
			return b.LayerNorm(b.Images(), "norm")
		},
	} {
		b := NewBuilder(3, 4, 6)
		if _, err := b.Finish(build(b)); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestElements(t *testing.T) {
	for _, test := range []struct {
		shape []int
		want  int
	}{{nil, 1}, {[]int{2, 3, 4}, 24}, {[]int{1 << 40, 1 << 40}, math.MaxInt}, {[]int{0, 5}, 0}} {
		if got := Elements(test.shape); got != test.want {
			t.Errorf("%v: %d, want %d", test.shape, got, test.want)
		}
	}
	n := Network{Parameters: []Parameter{{Shape: []int{math.MaxInt}}, {Shape: []int{2}}}}
	if parameters, _ := n.Size(); parameters != math.MaxInt {
		t.Errorf("%d parameters", parameters)
	}
}
