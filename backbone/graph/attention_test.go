package graph

import (
	"fmt"
	"math"
	"testing"

	"crossbatch/backbone/network"
)

func TestAttention(t *testing.T) {
	for _, test := range []struct{ batch, tokens, dim, heads int }{{2, 5, 4, 2}, {1, 1, 3, 1}, {1, 7, 6, 1}, {3, 2, 3, 3}} {
		t.Run(fmt.Sprint(test), func(t *testing.T) {
			shape := []int{test.batch, test.tokens, 3 * test.dim}
			l := newLayerTest(t, some(network.Elements(shape)), shape, true, func(b *network.Builder, x network.Value) network.Value {
				return b.Apply(network.Attention{Heads: test.heads}, nil, x)
			})
			l.check(t, func(in [][]float64) []float64 {
				return plainAttention(in[0], test.batch, test.tokens, test.dim, test.heads)
			})
		})
	}
}

// Outside training the shares are not kept; the result is the same to the bit.
func TestAttentionEmbeds(t *testing.T) {
	shape := []int{3, 6, 12}
	layer := func(b *network.Builder, x network.Value) network.Value {
		return b.Apply(network.Attention{Heads: 2}, nil, x)
	}
	training := newLayerTest(t, some(network.Elements(shape)), shape, true, layer)
	embedding := newLayerTest(t, some(network.Elements(shape)), shape, false, layer)
	if err := embedding.graph.Run(); err != nil {
		t.Fatal(err)
	}
	if !sameBits(training.output(t), embedding.graph.Embeddings) {
		t.Error("other bits")
	}
}

func plainAttention(x []float64, batch, tokens, dim, heads int) []float64 {
	out := make([]float64, batch*tokens*dim)
	width := dim / heads
	at := func(image, token, part, head, k int) float64 {
		return x[((image*tokens+token)*3+part)*dim+head*width+k]
	}
	for image := range batch {
		for head := range heads {
			for query := range tokens {
				shares, total := make([]float64, tokens), 0.
				for key := range tokens {
					var s float64
					for k := range width {
						s += at(image, query, 0, head, k) * at(image, key, 1, head, k)
					}
					shares[key] = math.Exp(s / math.Sqrt(float64(width)))
					total += shares[key]
				}
				for k := range width {
					for key, share := range shares {
						out[(image*tokens+query)*dim+head*width+k] += share / total * at(image, key, 2, head, k)
					}
				}
			}
		}
	}
	return out
}
