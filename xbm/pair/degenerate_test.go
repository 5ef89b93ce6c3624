package pair

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// pattern is one way in which a batch can be degenerate.
type pattern struct {
	name   string
	sample sample
	smooth bool // a gradient can be taken by differences
}

// patterns are all of them, within a batch and against a memory.
func patterns() (all []pattern) {
	const n, dim = 6, 4
	rng := rand.New(rand.NewPCG(1, 1))
	random, older := gauss(rng, n*dim), gauss(rng, n*dim)
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
			batch := sample{dim: dim, anchors: emb, columns: emb, labels: lab, columnLabels: lab,
				ids: ids, columnIDs: ids, own: []int{0, 1, 2, 3, 4, 5}, symmetric: true}
			all = append(all, pattern{"batch, " + e + ", " + l, batch, smooth})
			// A memory that holds the batch and an older one with the same labels.
			memory := batch
			memory.symmetric = false
			memory.columns = append(append([]float32{}, emb...), older...)
			memory.columnLabels = append(append([]int32{}, lab...), lab...)
			memory.columnIDs = []int64{0, 1, 2, 3, 4, 5, 10, 11, 12, 3, 14, 15}
			all = append(all, pattern{"memory, " + e + ", " + l, memory, smooth})
		}
	}
	one := sample{dim: dim, anchors: random[:dim], columns: random[:dim], labels: []int32{2}, columnLabels: []int32{2},
		ids: []int64{0}, columnIDs: []int64{0}, own: []int{0}, symmetric: true}
	all = append(all, pattern{"one row", one, true})
	alone := one
	alone.symmetric, alone.own, alone.columns, alone.columnLabels, alone.columnIDs = false, []int{-1}, nil, nil, nil
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
	miners := map[string]func() Miner{
		"no miner": nil,
		"distance-weighted": func() Miner {
			return &DistanceWeightedMiner{Cutoff: 0.5, FarCutoff: 1.4, Source: rand.NewPCG(3, 4)}
		},
	}
	for name, c := range minerCases() {
		miners[name] = c.miner
	}
	cases := patterns()
	for minerName, miner := range miners {
		mined := func(l Loss) Loss {
			if miner == nil {
				return l
			}
			return &Mined{Miner: miner(), Loss: l}
		}
		for _, p := range cases {
			record := &recorder{}
			p.sample.run(mined(record))
			for name, c := range lossCases() {
				summary, grad := p.sample.run(mined(c.loss()))
				within := tolerance
				if strings.HasSuffix(name, "-hard") {
					within *= 20 // similarities times 1000
				}
				want := c.twin(p.sample.view(wide(p.sample.anchors), &record.selection))
				if !(math.Abs(summary.Value-want) <= within*math.Max(math.Abs(want), 1e-2)) {
					t.Errorf("%s with %s, %s: value %g, the twin's is %g", name, minerName, p.name, summary.Value, want)
				}
				for i, g := range grad {
					if g-g != 0 {
						t.Fatalf("%s with %s, %s: gradient %g at %d", name, minerName, p.name, g, i)
					}
				}
				if !p.smooth || testing.Short() {
					continue
				}
				difference := p.sample.gradient(c.twin, &record.selection)
				for i := range difference {
					if row := p.sample.anchors[i/4*4 : i/4*4+4]; row[0] == 0 && row[1] == 0 {
						difference[i] = 0 // no direction, no gradient
					}
				}
				if err := relative(grad, difference); err > within {
					t.Errorf("%s with %s, %s: gradient is off the twin's by %g", name, minerName, p.name, err)
				}
			}
		}
	}
}
