package xbm

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/pair"
)

// Rows weigh e^(-age/tau), whatever the policy, and the value is that of all.
func TestAgeTau(t *testing.T) {
	const dim, capacity, tau = 5, 30, 2.5
	for _, c := range policyCases(capacity) {
		rng := rand.New(rand.NewPCG(1, 15))
		aged := &CrossBatch{Memory: c.memory(t, capacity, dim), Loss: loss.NewMultiSimilarity(), AgeTau: tau}
		plain := &CrossBatch{Memory: c.memory(t, capacity, dim), Loss: loss.NewMultiSimilarity()}
		for step := range int64(8) {
			b := randomBatch(rng, 6, dim, step)
			summary, got := add(t, aged, b)
			if all, _ := add(t, plain, b); all != summary {
				t.Errorf("%s: %+v, without ages %+v", c.name, summary, all)
			}
			m := aged.Memory
			p := pair.Problem{Dim: dim, Anchors: pair.Side{Rows: aged.unit.Rows, Labels: b.Labels, IDs: b.IDs}, Columns: m.side(), Rule: pair.Rule{Own: aged.slots, SameID: true}}
			for _, birth := range m.Births() {
				p.Columns.Factors = append(p.Columns.Factors, float32(math.Exp(-float64(step-birth)/tau)))
			}
			var e engine.Engine
			dUnit, want := make([]float32, len(got)), make([]float32, len(got))
			e.Run(dUnit, &p, loss.NewMultiSimilarity())
			aged.unit.AddGradient(want, 1, dUnit)
			if !nearAll(got, want, 1) {
				t.Errorf("%s, step %d: the gradient is %v, want %v", c.name, step, got, want)
			}
		}
	}
}

// What is infinitely old counts for nothing: the gradient is that of the newest.
func TestAgeTauOfNearlyNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 16))
	cross := newCrossBatch(t, 20, 4)
	cross.AgeTau, cross.EnqueueLast = 1e-3, true
	add(t, cross, randomBatch(rng, 6, 4, 0))
	if _, d := add(t, cross, randomBatch(rng, 6, 4, 1)); !nearAll(d, make([]float32, len(d)), 1) {
		t.Errorf("rows that are a thousand taus old give %v", d)
	}
	for _, tau := range []float64{-1, math.NaN()} {
		cross.AgeTau = tau
		b := randomBatch(rng, 6, 4, 2)
		if _, err := cross.Add(make([]float32, 24), b); err == nil || !strings.Contains(err.Error(), "give a value above 0") {
			t.Errorf("tau %g: %v", tau, err)
		}
	}
}
