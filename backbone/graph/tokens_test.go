package graph

import (
	"fmt"
	"testing"

	"crossbatch/backbone/network"
)

func TestPatches(t *testing.T) {
	for _, test := range []struct {
		shape                []int
		size, channels, side int
	}{
		{[]int{2, 3, 5, 7}, 2, 3, 4}, // 2×3 places, of 4×4
		{[]int{1, 1, 3, 1}, 1, 2, 1},
		{[]int{3, 2, 4, 4}, 2, 5, 2}, // as learnt
	} {
		t.Run(fmt.Sprint(test), func(t *testing.T) {
			shape := test.shape
			l := newLayerTest(t, some(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value {
				return b.Patches(x, test.size, test.channels, test.side)
			})
			l.check(t, func(in [][]float64) []float64 {
				class, learnt := in[1], in[2]
				y := plainConvolution([][]float64{in[0], in[3], in[4]}, shape, test.channels, test.size, test.size, 0)
				op := network.Positions{Side: test.side, Height: shape[2] / test.size, Width: shape[3] / test.size}
				m, places := op.Matrix(), op.Height*op.Width
				var out []float64
				for i := range shape[0] {
					for token := range 1 + places {
						for c := range test.channels {
							v := class[c]
							if token > 0 {
								v = y[(i*test.channels+c)*places+token-1]
							}
							for k := range 1 + test.side*test.side {
								v += float64(m[token*(1+test.side*test.side)+k]) * learnt[k*test.channels+c]
							}
							out = append(out, v)
						}
					}
				}
				return out
			})
		})
	}
}

func TestFirstAndMeanToken(t *testing.T) {
	for _, shape := range [][]int{{2, 4, 3}, {1, 2, 1}} {
		for first, op := range map[bool]network.Op{true: network.FirstToken{}, false: network.MeanToken{}} {
			t.Run(fmt.Sprintf("%v %T", shape, op), func(t *testing.T) {
				l := newLayerTest(t, some(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value {
					return b.Apply(op, nil, x)
				})
				l.check(t, func(in [][]float64) []float64 {
					out := make([]float64, shape[0]*shape[2])
					for i, v := range in[0] {
						image, token, c := i/shape[2]/shape[1], i/shape[2]%shape[1], i%shape[2]
						switch {
						case first && token == 0:
							out[image*shape[2]+c] = v
						case !first && token > 0:
							out[image*shape[2]+c] += v / float64(shape[1]-1)
						}
					}
					return out
				})
			})
		}
	}
}

func TestTokenLinear(t *testing.T) {
	shape := []int{2, 3, 4}
	l := newLayerTest(t, some(24), shape, true, func(b *network.Builder, x network.Value) network.Value { return b.TokenLinear(x, "fc", 5) })
	l.check(t, func(in [][]float64) []float64 {
		var out []float64
		for row := range 6 {
			for o := range 5 {
				sum := in[2][o]
				for k := range 4 {
					sum += in[0][row*4+k] * in[1][o*4+k]
				}
				out = append(out, sum)
			}
		}
		return out
	})
}

func TestScale(t *testing.T) {
	for _, shape := range [][]int{{2, 3, 40}, {3, 2}, {1, 1, 1}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			l := newLayerTest(t, some(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value { return b.Scale(x, "gamma", 1) })
			l.check(t, func(in [][]float64) []float64 {
				var out []float64
				for i, v := range in[0] {
					out = append(out, v*in[1][i%len(in[1])])
				}
				return out
			})
		})
	}
}
