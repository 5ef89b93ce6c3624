package loss

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

// pattern is one way in which a batch can be degenerate.
type pattern struct {
	name   string
	sample twin.Sample
	smooth bool // a gradient can be taken by differences
}

// patterns are all of them, within a batch and against a memory.
func patterns() (all []pattern) {
	const n, dim = 6, 4
	rng := rand.New(rand.NewPCG(1, 1))
	random, older := twin.Gauss(rng, n*dim), twin.Gauss(rng, n*dim)
	change := func(f func(x []float32)) []float32 {
		x := append([]float32{}, random...)
		f(x)
		return x
	}
	embeddings := map[string][]float32{
		"random": random,
		"all rows equal": change(func(x []float32) {
			for i := range x {
				x[i] = float32(i%dim) + 1
			}
		}),
		"all numbers equal": change(func(x []float32) {
			for i := range x {
				x[i] = 3
			}
		}),
		"all rows zero":    make([]float32, n*dim),
		"one row zero":     change(func(x []float32) { clear(x[dim : 2*dim]) }),
		"two rows equal":   change(func(x []float32) { copy(x[dim:2*dim], x[:dim]) }),
		"two rows opposed": change(func(x []float32) { negate(x[dim:2*dim], x[:dim]) }),
		"tiny numbers": change(func(x []float32) {
			for i := range x {
				x[i] *= 1e-38
			}
		}),
	}
	labels := map[string][]int32{
		"one class": {1, 1, 1, 1, 1, 1}, "no positives": {0, 1, 2, 3, 4, 5},
		"pairs": {0, 0, 1, 1, 2, 2}, "numbers below 0": {-1, -1, 5, 5, -7, 5},
	}
	for e, emb := range embeddings {
		smooth := e == "random" || e == "one row zero"
		for l, lab := range labels {
			ids := []int64{0, 1, 2, 3, 4, 5}
			batch := twin.Sample{Dim: dim, Anchors: emb, Columns: emb, Labels: lab, ColumnLabels: lab,
				IDs: ids, ColumnIDs: ids, Own: []int{0, 1, 2, 3, 4, 5}, Symmetric: true}
			all = append(all, pattern{"batch, " + e + ", " + l, batch, smooth})
			// A memory that holds the batch and an older one with the same labels.
			memory := batch
			memory.Symmetric = false
			memory.Columns = append(append([]float32{}, emb...), older...)
			memory.ColumnLabels = append(append([]int32{}, lab...), lab...)
			memory.ColumnIDs = []int64{0, 1, 2, 3, 4, 5, 10, 11, 12, 3, 14, 15}
			all = append(all, pattern{"memory, " + e + ", " + l, memory, smooth})
		}
	}
	one := twin.Sample{Dim: dim, Anchors: random[:dim], Columns: random[:dim], Labels: []int32{2}, ColumnLabels: []int32{2},
		IDs: []int64{0}, ColumnIDs: []int64{0}, Own: []int{0}, Symmetric: true}
	all = append(all, pattern{"one row", one, true})
	alone := one
	alone.Symmetric, alone.Own, alone.Columns, alone.ColumnLabels, alone.ColumnIDs = false, []int{-1}, nil, nil, nil
	return append(all, pattern{"an empty memory", alone, true})
}

func negate(dst, src []float32) {
	for i, x := range src {
		dst[i] = -x
	}
}

// Degenerate batches are ordinary events in training: with every loss and every
// miner the value is the twin's and the gradient finite, and right where there is
// one.
func TestDegenerateBatches(t *testing.T) {
	cases := patterns()
	for _, text := range append(minerTexts(), "none") {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			for _, p := range cases {
				var chosen *twin.Selection
				if text != "none" {
					chosen = twin.Record(p.sample, fresh(t, text))
				}
				for name, c := range lossCases() {
					l := c.loss()
					if text != "none" {
						l = &pair.Mined{Miner: fresh(t, text)(), Loss: l}
					}
					p.smooth = p.smooth && (exhaustive() || text == "none" || slices.Contains(miner.Names(), text))
					checkDegenerate(t, name, p, l, c.twin, chosen)
				}
			}
		})
	}
}

func checkDegenerate(t *testing.T, name string, p pattern, l pair.Loss, tw twin.Loss, chosen *twin.Selection) {
	summary, grad := p.sample.Run(l)
	within := twin.Tolerance
	if strings.HasSuffix(name, "-hard") {
		within *= 20 // similarities times 1000
	}
	if want := p.sample.Value(tw, chosen); !(math.Abs(summary.Value-want) <= within*math.Max(math.Abs(want), 1e-2)) {
		t.Errorf("%s, %s: value %g, the twin's is %g", name, p.name, summary.Value, want)
	}
	for i, g := range grad {
		if g-g != 0 {
			t.Fatalf("%s, %s: gradient %g at %d", name, p.name, g, i)
		}
	}
	if !p.smooth || testing.Short() {
		return
	}
	difference := p.sample.Gradient(tw, chosen)
	for i := range difference {
		if row := p.sample.Anchors[i/4*4 : i/4*4+4]; row[0] == 0 && row[1] == 0 {
			difference[i] = 0 // no direction, no gradient
		}
	}
	if err := twin.Relative(grad, difference); err > within {
		t.Errorf("%s, %s: gradient is off the twin's by %g", name, p.name, err)
	}
}
