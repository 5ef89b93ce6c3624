package xbm

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/pair"
)

func newNormed(t testing.TB, c MemoryConfig, norm CrossBatchNorm) *Memory {
	t.Helper()
	c.Norm = &norm
	m, err := c.New()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// corrected are the rows that the memory's stand for, before they are brought to
// unit length.
func corrected(m *Memory) []float64 {
	out := make([]float64, m.Len()*m.dim)
	for i := range out {
		k := i % m.dim
		out[i] = float64(m.norm.scale[k])*float64(m.row(i / m.dim)[k]) + float64(m.norm.shift[k])
	}
	return out
}

// momentsOf are the mean and standard deviation of each dimension, in two passes.
func momentsOf(rows []float64, dim int) (mean, dev []float64) {
	mean, dev = make([]float64, dim), make([]float64, dim)
	n := float64(len(rows) / dim)
	for i, x := range rows {
		mean[i%dim] += x / n
	}
	for i, x := range rows {
		dev[i%dim] += (x - mean[i%dim]) * (x - mean[i%dim]) / n
	}
	for k := range dev {
		dev[k] = math.Sqrt(dev[k])
	}
	return mean, dev
}

func closeTo(a, b []float64, tolerance float64) bool {
	for i, x := range a {
		if !(math.Abs(x-b[i]) <= tolerance*math.Max(1, math.Abs(b[i]))) {
			return false
		}
	}
	return len(a) == len(b)
}

func widened(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// After each match the memory's moments are the batch's, before the rows are
// brought to unit length. Reference: section 3.
func TestPaperMomentsMatch(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 6))
		capacity, dim := 2+rng.IntN(30), 1+rng.IntN(5)
		m := newNormed(t, MemoryConfig{Capacity: capacity, Dim: dim, Half: seed%4 == 0}, CrossBatchNorm{})
		for step := range int64(30) {
			x, labels, ids := randomRows(rng, 2+rng.IntN(2*capacity), dim)
			if err := m.Match(x); err != nil {
				t.Fatal(err)
			}
			if m.Len() > 1 {
				mean, dev := momentsOf(corrected(m), dim)
				wantMean, wantDev := momentsOf(widened(x), dim)
				if !closeTo(mean, wantMean, 1e-5) || !closeTo(dev, wantDev, 1e-5) {
					t.Fatalf("seed %d, step %d: the memory's moments are %v and %v, the batch's %v and %v", seed, step, mean, dev, wantMean, wantDev)
				}
			}
			if err := m.Enqueue(nil, x, labels, ids, step); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Drift that scales and shifts dimensions is undone, whenever it happened: rows
// stored at any step stand for what their samples are now.
func TestAffineDriftIsUndone(t *testing.T) {
	const samples, dim = 50, 4
	rng := rand.New(rand.NewPCG(7, 7))
	m := newNormed(t, MemoryConfig{Capacity: samples, Dim: dim, Policy: Keyed{}}, CrossBatchNorm{})
	now, _, _ := randomRows(rng, samples, dim)
	labels, ids := make([]int32, samples), make([]int64, samples)
	for i := range ids {
		ids[i] = int64(i)
	}
	for step := range int64(60) {
		if step > 0 {
			for k := range dim {
				scale, shift := 1+0.2*rng.NormFloat64(), 0.3*rng.NormFloat64()
				for i := k; i < len(now); i += dim {
					now[i] = float32(scale*float64(now[i]) + shift)
				}
			}
		}
		if err := m.Match(now); err != nil {
			t.Fatal(err)
		}
		first, end := 0, samples // all of them to begin with, then some
		if step > 0 {
			first = rng.IntN(samples)
			end = min(samples, first+10)
		}
		if err := m.Enqueue(nil, now[first*dim:end*dim], labels[first:end], ids[first:end], step); err != nil {
			t.Fatal(err)
		}
		var want []float64
		for _, id := range m.IDs() {
			want = append(want, widened(now[int(id)*dim:(int(id)+1)*dim])...)
		}
		if got := corrected(m); !closeTo(got, want, 1e-3) {
			t.Fatalf("step %d: %v, want %v", step, got, want)
		}
	}
}

// The memory is one that is rewritten at each step, plainly, whatever the policy.
func TestNormEqualsRewriting(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 8))
		capacity, dim := 4+rng.IntN(20), 1+rng.IntN(4)
		config := CrossBatchNorm{}
		if seed%2 == 1 {
			config = CrossBatchNorm{Process: 0.1, Measurement: 1}
		}
		for _, c := range policyCases(capacity) {
			c.config.Capacity, c.config.Dim = capacity, dim
			m := newNormed(t, c.config, config)
			var rows [][]float64 // all that were ever stored, as rewritten
			mean, dev := make([]kalman, dim), make([]kalman, dim)
			for k := range dim {
				mean[k].p, dev[k].p = math.Inf(1), math.Inf(1)
			}
			for step := range int64(25) {
				b := policyBatch(rng, 3+rng.IntN(capacity), dim, step)
				m.Expire(step)
				batchMean, batchDev := momentsOf(widened(b.Embeddings), dim)
				var held []float64
				for _, id := range numbersOf(m) {
					held = append(held, rows[id]...)
				}
				heldMean, heldDev := momentsOf(held, dim)
				for k := range dim {
					mean[k].update(batchMean[k], config.Process, config.Measurement)
					dev[k].update(batchDev[k], config.Process, config.Measurement)
					for _, id := range numbersOf(m) {
						scale := 1.0 // of a single row
						if heldDev[k] > leastDeviation {
							scale = dev[k].x / heldDev[k]
						}
						rows[id][k] = scale*(rows[id][k]-heldMean[k]) + mean[k].x
					}
				}
				if err := m.Match(b.Embeddings); err != nil {
					t.Fatal(err)
				}
				if err := m.Enqueue(nil, b.Embeddings, b.Labels, b.IDs, step); err != nil {
					t.Fatal(err)
				}
				for i := range b.Labels {
					rows = append(rows, widened(b.Embeddings[i*dim:(i+1)*dim]))
				}
				var want []float64
				for _, id := range numbersOf(m) {
					want = append(want, rows[id]...)
				}
				if got := corrected(m); !closeTo(got, want, 1e-2) {
					t.Fatalf("seed %d, %s, step %d:\n%v\nwant\n%v", seed, c.name, step, got, want)
				}
			}
		}
	}
}

// numbersOf are the numbers of m's rows among all that were stored, slot by slot.
func numbersOf(m *Memory) (numbers []int64) {
	for slot := range m.Len() {
		if m.numbers != nil {
			numbers = append(numbers, m.numbers[slot])
			continue
		}
		back := (m.next - 1 - slot + m.Cap()) % m.Cap() // from the newest
		numbers = append(numbers, m.total-1-int64(back))
	}
	return numbers
}

// A constant gain and an exponential moving average are what the filter tends to.
func TestKalmanTendsToAnAverage(t *testing.T) {
	const q, r = 0.01, 1.0
	before := (q + math.Sqrt(q*q+4*q*r)) / 2
	gain := before / (before + r)
	rng := rand.New(rand.NewPCG(9, 9))
	k := kalman{0, math.Inf(1)}
	average := 0.0
	for i := range 2000 {
		z := rng.NormFloat64()
		k.update(z, q, r)
		if i == 0 && (k.x != z || k.p != r) {
			t.Errorf("after the first measurement, %g: %+v", z, k)
		}
		average += gain * (z - average)
	}
	if math.Abs(k.x-average) > 1e-9 || math.Abs(k.p-(1-gain)*before) > 1e-9 {
		t.Errorf("%+v, an average with gain %g is %g, with variance %g", k, gain, average, (1-gain)*before)
	}
	for range 5 {
		z := rng.NormFloat64()
		if k.update(z, q, 0); k.x != z {
			t.Errorf("a measurement without error, %g, gives %g", z, k.x)
		}
	}
}

// A loss sees the corrected rows, and those of its own batch as they are.
func TestCrossBatchWithNorm(t *testing.T) {
	const dim, capacity = 5, 24
	for _, last := range []bool{false, true} {
		rng := rand.New(rand.NewPCG(3, 10))
		cross := &CrossBatch{
			Memory: newNormed(t, MemoryConfig{Capacity: capacity, Dim: dim}, CrossBatchNorm{Process: 0.1, Measurement: 1}),
			Loss:   loss.NewMultiSimilarity(), EnqueueLast: last,
		}
		for step := range int64(10) {
			b := randomBatch(rng, 8, dim, step)
			summary, got := add(t, cross, b)
			if !last {
				rows := cross.Memory.AppendRows(nil)
				for i, slot := range cross.slots {
					if !closeTo(widened(rows[slot*dim:(slot+1)*dim]), widened(cross.unit.Rows[i*dim:(i+1)*dim]), 1e-5) {
						t.Fatalf("step %d: row %d of the batch is not in the memory as it is", step, i)
					}
				}
				// A plain memory of the corrected rows, the batch among them.
				reference := newCrossBatch(t, capacity, dim)
				m := cross.Memory
				if err := reference.Memory.Enqueue(nil, rows, m.Labels(), m.IDs(), step); err != nil {
					t.Fatal(err)
				}
				p := pair.Problem{Dim: dim, Anchors: pair.Side{Rows: cross.unit.Rows, Labels: b.Labels, IDs: b.IDs},
					Columns: reference.Memory.side(), Rule: pair.Rule{Own: cross.slots, SameID: true}}
				var engine engine.Engine
				dUnit, want := make([]float32, len(got)), make([]float32, len(got))
				value := engine.Run(dUnit, &p, loss.NewMultiSimilarity())
				cross.unit.AddGradient(want, 1, dUnit)
				if !near(summary.Value, value.Value) || !nearAll(got, want, 1) {
					t.Errorf("step %d: %+v, by the corrected rows %+v", step, summary, value)
				}
			}
		}
	}
}

// Sums that are kept as rows come and go stay those of the rows.
func TestSumsDoNotWanderOff(t *testing.T) {
	const dim, capacity = 6, 40
	rng := rand.New(rand.NewPCG(12, 12))
	m := newNormed(t, MemoryConfig{Capacity: capacity, Dim: dim}, CrossBatchNorm{})
	for step := range int64(20_000) {
		x, labels, _ := randomRows(rng, 8, dim)
		if err := m.Match(x); err != nil {
			t.Fatal(err)
		}
		if err := m.Enqueue(nil, x, labels, nil, step); err != nil {
			t.Fatal(err)
		}
	}
	mean, dev := momentsOf(widened(m.Rows()), dim)
	for k := range dim {
		gotMean, gotDev := m.norm.sums.of(k)
		if math.Abs(gotMean-mean[k]) > 1e-9*dev[k] || math.Abs(gotDev-dev[k]) > 1e-9*dev[k] {
			t.Errorf("dimension %d: mean %g and deviation %g, the rows' are %g and %g", k, gotMean, gotDev, mean[k], dev[k])
		}
		if s := float64(m.norm.scale[k]); !(s > 1e-3 && s < 1e3) {
			t.Errorf("dimension %d: a scale of %g", k, s)
		}
	}
}

func TestNormDoesNotAllocate(t *testing.T) {
	m := newNormed(t, MemoryConfig{Capacity: 500, Dim: 16, Half: true}, CrossBatchNorm{})
	x, labels, ids := randomRows(rand.New(rand.NewPCG(1, 1)), 64, 16)
	if n := testing.AllocsPerRun(50, func() {
		if err := m.Match(x); err != nil {
			t.Fatal(err)
		}
		if err := m.Enqueue(nil, x, labels, ids, 1); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%g allocations, want none", n)
	}
}

// A dimension that is constant keeps its scale, and nothing becomes NaN.
func TestConstantDimensions(t *testing.T) {
	m := newNormed(t, MemoryConfig{Capacity: 6, Dim: 2}, CrossBatchNorm{})
	for step, x := range [][]float32{{1, 0, 1, 0}, {1, 0, 1, 0}, {0, 1, 0, 1}, {0, 1}, {0.6, 0.8, 0.8, 0.6}} {
		if err := m.Match(x); err != nil {
			t.Fatal(err)
		}
		if err := m.Enqueue(nil, x, make([]int32, len(x)/2), nil, int64(step)); err != nil {
			t.Fatal(err)
		}
		for _, v := range m.AppendRows(nil) {
			if v != v {
				t.Fatalf("step %d: %v", step, m.AppendRows(nil))
			}
		}
	}
	if err := m.Match(make([]float32, 3)); !errors.Is(err, ErrShape) {
		t.Errorf("3 numbers for rows of 2: %v", err)
	}
	for want, norm := range map[string]CrossBatchNorm{
		"process is -1": {Process: -1}, "measurement is NaN": {Measurement: math.NaN()}, "would stand still": {Measurement: 1},
	} {
		if _, err := (MemoryConfig{Capacity: 1, Dim: 1, Norm: &norm}).New(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", norm, err, want)
		}
	}
}
