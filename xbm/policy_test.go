package xbm

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/pair"
)

// policyCase is a memory with what its policy comes to as a dumb twin: append,
// and filter.
type policyCase struct {
	name   string
	config MemoryConfig
	add    func(held []twinRow, row twinRow, stored int64) []twinRow
}

// without is held without the first row that is meant.
func without(held []twinRow, is func(twinRow) bool) []twinRow {
	if i := slices.IndexFunc(held, is); i >= 0 {
		return slices.Delete(held, i, i+1)
	}
	return held
}

func tail(held []twinRow, capacity int) []twinRow { return held[max(0, len(held)-capacity):] }

func policyCases(capacity int) []policyCase {
	perClass := max(1, capacity/4)
	ring := func(held []twinRow, row twinRow, _ int64) []twinRow { return tail(append(held, row), capacity) }
	keyed := func(held []twinRow, row twinRow, _ int64) []twinRow {
		if row.id != UnknownID {
			held = without(held, func(r twinRow) bool { return r.id == row.id })
		}
		return tail(append(held, row), capacity)
	}
	balanced := func(held []twinRow, row twinRow, _ int64) []twinRow {
		count := 0
		for _, r := range held {
			if r.label == row.label {
				count++
			}
		}
		if count == perClass {
			held = without(held, func(r twinRow) bool { return r.label == row.label })
		}
		return tail(append(held, row), capacity)
	}
	cases := []policyCase{
		{"ring", MemoryConfig{}, ring},
		{"keyed", MemoryConfig{Policy: Keyed{}}, keyed},
		{"class-balanced", MemoryConfig{Policy: ClassBalanced{perClass}}, balanced},
	}
	for _, c := range slices.Clone(cases) {
		c.name += " with an age limit"
		c.config.MaxAge = 4
		cases = append(cases, c)
	}
	return append(cases, policyCase{"reservoir", MemoryConfig{Policy: Reservoir{Seed: 3}}, nil})
}

func (c policyCase) memory(t testing.TB, capacity, dim int) *Memory {
	t.Helper()
	c.config.Capacity, c.config.Dim = capacity, dim
	m, err := c.config.New()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// policyBatch is a batch of few samples and classes, some without a number.
func policyBatch(rng *rand.Rand, n, dim int, step int64) Batch {
	x, labels, ids := randomRows(rng, n, dim)
	for i := range ids {
		ids[i] = rng.Int64N(25)
		labels[i] = int32(ids[i] % 6)
	}
	return Batch{Embeddings: x, Labels: labels, IDs: ids, Step: step}
}

// byNumber lists what the memory holds in the order in which it was stored.
func byNumber(m *Memory) (rows []twinRow, slots []int) {
	for k := range m.Len() {
		slots = append(slots, (m.oldest()+k)%m.Len())
	}
	if m.numbers != nil {
		slices.SortFunc(slots, func(a, b int) int { return int(m.numbers[a] - m.numbers[b]) })
	}
	for _, i := range slots {
		rows = append(rows, twinRow{slices.Clone(m.Rows()[i*m.Dim() : (i+1)*m.Dim()]), m.Labels()[i], m.IDs()[i], m.Births()[i]})
	}
	return rows, slots
}

// Each policy keeps what its dumb twin keeps, for batches of any size, and says
// where the rows of the batch are.
func TestPoliciesEqualAppendAndFilter(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 2))
		capacity, dim := 1+rng.IntN(20), 1+rng.IntN(3)
		for _, c := range policyCases(capacity) {
			m := c.memory(t, capacity, dim)
			source := rand.New(rand.NewPCG(3, reservoirStream))
			var twin []twinRow // a reservoir's in slot order
			stored := int64(0)
			for step := int64(0); step < 40; step += 1 + rng.Int64N(2) {
				b := policyBatch(rng, rng.IntN(2*capacity+2), dim, step)
				if rng.IntN(4) == 0 {
					b.IDs = nil
				}
				m.Expire(step)
				if m.maxAge > 0 {
					twin = slices.DeleteFunc(twin, func(r twinRow) bool { return step-r.birth > m.maxAge })
				}
				slots := make([]int, len(b.Labels))
				if err := m.Enqueue(slots, b.Embeddings, b.Labels, b.IDs, step); err != nil {
					t.Fatal(err)
				}
				for i, label := range b.Labels {
					row := twinRow{b.Embeddings[i*dim : (i+1)*dim], label, UnknownID, step}
					if b.IDs != nil {
						row.id = b.IDs[i]
					}
					if c.add != nil {
						twin = c.add(twin, row, stored)
					} else if len(twin) < capacity {
						twin = append(twin, row)
					} else if k := source.Int64N(stored + 1); k < int64(capacity) {
						twin[k] = row
					}
					stored++
				}
				got, order := byNumber(m)
				want := twin
				if c.add == nil {
					want = make([]twinRow, len(twin))
					for k, slot := range order {
						want[k] = twin[slot]
					}
				}
				if !sameRows(got, want) || m.Total() != stored {
					t.Fatalf("seed %d, %s, capacity %d, step %d:\n%v\nwant\n%v", seed, c.name, capacity, step, got, want)
				}
				for i, slot := range slots {
					x := b.Embeddings[i*dim : (i+1)*dim]
					held := slices.ContainsFunc(twin, func(r twinRow) bool { return &r.x[0] == &x[0] })
					if held != (slot >= 0) || held && !slices.Equal(m.Rows()[slot*dim:(slot+1)*dim], x) {
						t.Fatalf("seed %d, %s: row %d of the batch is said to be in slot %d", seed, c.name, i, slot)
					}
				}
			}
			m.Reset()
			if m.Len() != 0 || m.Total() != 0 || string(state(t, m)) != string(state(t, c.memory(t, capacity, dim))) {
				t.Errorf("%s: after Reset it is not as it was", c.name)
			}
		}
	}
}

// A memory of 16 bits holds the same rows in the same places as one of 32, also where
// rows move into the places of others.
func TestHalfMemoryWithEachPolicy(t *testing.T) {
	const dim, capacity = 3, 12
	for _, c := range policyCases(capacity) {
		half := c
		half.config.Half = true
		wide, narrow := c.memory(t, capacity, dim), half.memory(t, capacity, dim)
		rng := rand.New(rand.NewPCG(5, 5))
		for step := range int64(30) {
			b := policyBatch(rng, rng.IntN(capacity), dim, step)
			for k := range b.Embeddings {
				b.Embeddings[k] = float32(rng.IntN(99)) // the same in 16 bits
			}
			for _, m := range []*Memory{wide, narrow} {
				m.Expire(step)
				if err := m.Enqueue(nil, b.Embeddings, b.Labels, b.IDs, step); err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(narrow.AppendRows(nil), wide.Rows()) || !slices.Equal(narrow.IDs(), wide.IDs()) {
				t.Fatalf("%s, step %d: %v, in 32 bits %v", c.name, step, narrow.AppendRows(nil), wide.Rows())
			}
		}
	}
}

// The loss against a memory of any policy is the loss against its rows, wherever
// they lie, without the pairs of the batch's rows with themselves.
func TestCrossBatchWithEachPolicy(t *testing.T) {
	const dim, capacity = 4, 18
	for _, c := range policyCases(capacity) {
		for _, last := range []bool{false, true} {
			rng := rand.New(rand.NewPCG(4, 4))
			cross := &CrossBatch{Memory: c.memory(t, capacity, dim), Loss: loss.NewMultiSimilarity(), EnqueueLast: last}
			for step := range int64(25) {
				b := policyBatch(rng, 1+rng.IntN(2*capacity), dim, step)
				before, _ := byNumber(cross.Memory)
				summary, got := add(t, cross, b)
				rows, order := byNumber(cross.Memory)
				if last {
					rows = slices.DeleteFunc(before, func(r twinRow) bool { return c.config.MaxAge > 0 && step-r.birth > c.config.MaxAge })
				}
				var unit pair.Unit
				unit.Set(b.Embeddings, dim)
				p := pair.Problem{Dim: dim, Anchors: pair.Side{Rows: unit.Rows, Labels: b.Labels, IDs: b.IDs}, Rule: pair.Rule{SameID: true}}
				for _, r := range rows {
					p.Columns.Rows = append(p.Columns.Rows, r.x...)
					p.Columns.Labels, p.Columns.IDs = append(p.Columns.Labels, r.label), append(p.Columns.IDs, r.id)
				}
				if !last {
					for _, slot := range cross.slots {
						p.Rule.Own = append(p.Rule.Own, slices.Index(order, slot))
					}
				}
				var engine engine.Engine
				dUnit, want := make([]float32, len(got)), make([]float32, len(got))
				reference := engine.Run(dUnit, &p, loss.NewMultiSimilarity())
				unit.AddGradient(want, 1, dUnit)
				if !near(summary.Value, reference.Value) || !nearAll(got, want, 1) || summary.Positives != reference.Positives ||
					summary.Negatives != reference.Negatives || summary.Copies != reference.Copies {
					t.Fatalf("%s, enqueue last %v, step %d: %+v, want %+v", c.name, last, step, summary, reference)
				}
			}
		}
	}
}

// Every row that was ever stored is in a reservoir with the same probability.
func TestReservoirIsUniform(t *testing.T) {
	const capacity, rows, tries = 10, 40, 4000
	var found [rows]float64
	for seed := range uint64(tries) {
		m, err := MemoryConfig{Capacity: capacity, Dim: 1, Policy: Reservoir{Seed: seed}}.New()
		if err != nil {
			t.Fatal(err)
		}
		for first := int64(0); first < rows; first += 8 {
			ids := []int64{first, first + 1, first + 2, first + 3, first + 4, first + 5, first + 6, first + 7}
			if err := m.Enqueue(nil, make([]float32, 8), make([]int32, 8), ids, 0); err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range m.IDs() {
			found[id]++
		}
	}
	const want = float64(tries) * capacity / rows
	var square float64
	for _, n := range found {
		square += (n - want) * (n - want) / (want * (1 - float64(capacity)/rows))
	}
	// Chi-square with 39 degrees of freedom is under 73 in 999 of 1,000 cases.
	if square > 73 {
		t.Errorf("rows were found %v times, want %g each: chi-square %g", found, want, square)
	}
}

func TestPoliciesDoNotAllocate(t *testing.T) {
	for _, c := range policyCases(1000) {
		m := c.memory(t, 1000, 16)
		rng := rand.New(rand.NewPCG(1, 1))
		x, labels, ids := randomRows(rng, 64, 16)
		slots := make([]int, 64)
		step := int64(0)
		if n := testing.AllocsPerRun(200, func() {
			for i := range ids {
				ids[i], labels[i] = rng.Int64N(3000), rng.Int32N(300)
			}
			m.Expire(step)
			if err := m.Enqueue(slots, x, labels, ids, step); err != nil {
				t.Fatal(err)
			}
			step++
		}); n != 0 {
			t.Errorf("%s: %g allocations an Enqueue, want none", c.name, n)
		}
	}
}

func TestParsePolicy(t *testing.T) {
	for text, want := range map[string]Policy{
		"": Ring{}, "ring": Ring{}, "keyed": Keyed{}, "class-balanced:16": ClassBalanced{16}, "reservoir": Reservoir{7},
	} {
		got, err := ParsePolicy(text, 7)
		if err != nil || got != want || text != "" && got.String() != text {
			t.Errorf("%q: %v (%v), want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"fifo": "known are ring, keyed, class-balanced, reservoir", "ring:3": "\"3\" is no parameter", "class-balanced": "give the most rows of a class",
		"class-balanced:0": "give the most rows of a class", "class-balanced:x": "per_class is \"x\": give a whole number",
	} {
		if _, err := ParsePolicy(text, 7); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	for want, c := range map[string]MemoryConfig{
		"give it no age limit": {Policy: Reservoir{}, MaxAge: 1}, "1 or more": {Policy: ClassBalanced{}}, "give 0 (no limit) or more": {MaxAge: -1},
	} {
		c.Capacity, c.Dim = 3, 2
		if _, err := c.New(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", c, err, want)
		}
	}
}

func BenchmarkPolicies(b *testing.B) {
	for _, c := range policyCases(59551) {
		b.Run(c.name, func(b *testing.B) {
			m := c.memory(b, 59551, 128)
			rng := rand.New(rand.NewPCG(1, 1))
			x, labels, ids := randomRows(rng, 64, 128)
			slots := make([]int, 64)
			for b.Loop() {
				for i := range ids {
					ids[i], labels[i] = rng.Int64N(100_000), rng.Int32N(11_000)
				}
				if err := m.Enqueue(slots, x, labels, ids, 0); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(64*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}
