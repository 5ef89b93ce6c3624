package xbm_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"crossbatch/xbm"
	"crossbatch/xbm/loss"
)

// turning is a network whose embeddings of 60 samples turn by a little each step:
// a trainer that drifts.
type turning struct{ angles []float64 }

func newTurning() turning {
	rng := rand.New(rand.NewPCG(1, 1))
	t := turning{make([]float64, 60)}
	for i := range t.angles {
		t.angles[i] = float64(i%3) + 0.3*rng.NormFloat64()
	}
	return t
}

// embed is what samples are embedded as at a step.
func (t turning) embed(step int64, ids ...int64) (emb []float32) {
	for _, id := range ids {
		sin, cos := math.Sincos(t.angles[id] + 0.02*float64(step))
		emb = append(emb, float32(cos), float32(sin))
	}
	return emb
}

func (t turning) batch(step int64) xbm.Batch {
	b := xbm.Batch{Step: step, Labels: make([]int32, 6)}
	for i := range b.Labels {
		id := (6*step + int64(i)) % 60
		b.IDs, b.Labels[i] = append(b.IDs, id), int32(id%3)
	}
	b.Embeddings = t.embed(step, b.IDs...)
	return b
}

// One row of each sample, none of them older than 8 steps.
func ExampleMemoryConfig() {
	memory, err := xbm.MemoryConfig{Capacity: 60, Dim: 2, Policy: xbm.Keyed{}, MaxAge: 8}.New()
	if err != nil {
		panic(err)
	}
	network := newTurning()
	crossBatch := xbm.CrossBatch{Memory: memory, Loss: loss.NewContrastive(false)}
	for step := range int64(30) {
		b := network.batch(step)
		if _, err := crossBatch.Add(make([]float32, len(b.Embeddings)), b); err != nil {
			panic(err)
		}
	}
	samples := map[int64]bool{}
	oldest := int64(29)
	for i, id := range memory.IDs() {
		samples[id] = true
		oldest = min(oldest, memory.Births()[i])
	}
	fmt.Printf("%d rows of %d samples, the oldest of step %d\n", memory.Len(), len(samples), oldest)
	// Output: 54 rows of 54 samples, the oldest of step 21
}

// How far the gradient is from the one of fresh rows, and what cures of drift make
// of it. These embeddings turn: probes see that, and moments hardly do.
func ExampleComparison() {
	network := newTurning()
	for _, name := range []string{"none", "xbn", "sdc:every=2,sigma=0.5"} {
		cure, err := xbm.ParseCure(name)
		if err != nil {
			panic(err)
		}
		memory, err := xbm.MemoryConfig{Capacity: 60, Dim: 2, Norm: cure.Norm}.New()
		if err != nil {
			panic(err)
		}
		crossBatch := xbm.CrossBatch{Memory: memory, Loss: loss.NewMultiSimilarity()}
		var comparison xbm.Comparison
		probes := []int64{0, 7, 14, 21, 28, 35}
		for step := range int64(41) {
			if d := cure.Drift; d != nil && step > 0 && step%int64(d.Every) == 0 {
				from := step - int64(d.Every)
				if err := d.Apply(memory, network.embed(from, probes...), network.embed(step, probes...), from, step); err != nil {
					panic(err)
				}
			}
			var look []xbm.Observer
			if step == 40 {
				comparison = xbm.Comparison{Fresh: network.embed(step, memory.IDs()...), Loss: loss.NewMultiSimilarity()}
				look = append(look, &comparison)
			}
			b := network.batch(step)
			if _, err := crossBatch.Add(make([]float32, len(b.Embeddings)), b, look...); err != nil {
				panic(err)
			}
		}
		var difference, exact float64
		for i, x := range comparison.Exact {
			d := float64(comparison.Stored[i] - x)
			difference += d * d
			exact += float64(x) * float64(x)
		}
		fmt.Printf("%-22s the gradient is off by %2.0f %%\n", name, 100*math.Sqrt(difference/exact))
	}
	// Output:
	// none                   the gradient is off by 16 %
	// xbn                    the gradient is off by 19 %
	// sdc:every=2,sigma=0.5  the gradient is off by  2 %
}
