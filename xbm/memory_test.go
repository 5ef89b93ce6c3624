package xbm

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"crossbatch/xbm/kernel"
)

// twinRow is a row of the dumb twin: append, and keep the tail.
type twinRow struct {
	x     []float32
	label int32
	id    int64
	birth int64
}

// inOrderOfAge lists what the memory holds, oldest first.
func inOrderOfAge(m *Memory) []twinRow {
	var rows []twinRow
	first := 0
	if m.Len() == m.Cap() {
		first = m.Next()
	}
	for k := range m.Len() {
		i := (first + k) % m.Len()
		rows = append(rows, twinRow{slices.Clone(m.Rows()[i*m.Dim() : (i+1)*m.Dim()]), m.Labels()[i], m.IDs()[i], m.Births()[i]})
	}
	return rows
}

func sameRows(a, b []twinRow) bool {
	return slices.EqualFunc(a, b, func(a, b twinRow) bool {
		return slices.Equal(a.x, b.x) && a.label == b.label && a.id == b.id && a.birth == b.birth
	})
}

func randomRows(rng *rand.Rand, n, dim int) (x []float32, labels []int32, ids []int64) {
	x = make([]float32, n*dim)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	labels, ids = make([]int32, n), make([]int64, n)
	for i := range n {
		labels[i], ids[i] = int32(rng.IntN(5)), rng.Int64N(1000)
	}
	return x, labels, ids
}

// The ring is a slice that is appended to and cut to its tail, for batches of
// any size, also larger than the ring.
func TestMemoryEqualsAppendAndKeepTheTail(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		capacity, dim := 1+rng.IntN(20), 1+rng.IntN(4)
		m, err := NewMemory(capacity, dim)
		if err != nil {
			t.Fatal(err)
		}
		var twin []twinRow
		for step := range int64(30) {
			n := rng.IntN(2*capacity + 2)
			x, labels, ids := randomRows(rng, n, dim)
			slots := make([]int, n)
			if err := m.Enqueue(slots, x, labels, ids, step); err != nil {
				t.Fatal(err)
			}
			for i := range n {
				twin = append(twin, twinRow{x[i*dim : (i+1)*dim], labels[i], ids[i], step})
				if stays := i >= n-capacity; stays != (slots[i] >= 0) {
					t.Fatalf("row %d of %d into %d: slot %d", i, n, capacity, slots[i])
				}
				if slots[i] >= 0 && !slices.Equal(m.Rows()[slots[i]*dim:(slots[i]+1)*dim], x[i*dim:(i+1)*dim]) {
					t.Fatalf("row %d is not in the slot %d that was returned", i, slots[i])
				}
			}
			twin = twin[max(0, len(twin)-capacity):]
			if got := inOrderOfAge(m); !sameRows(got, twin) {
				t.Fatalf("capacity %d, step %d, batch %d:\n%v\nwant\n%v", capacity, step, n, got, twin)
			}
		}
	}
}

func TestMemoryWraps(t *testing.T) {
	m, err := NewMemory(5, 1)
	if err != nil {
		t.Fatal(err)
	}
	// The arrow is the slot that comes next.
	for _, step := range []struct {
		batch []float32
		want  []float32
		next  int
	}{
		{[]float32{1, 2}, []float32{1, 2}, 2},                                 // 1 2 ↓- - -
		{[]float32{3, 4}, []float32{1, 2, 3, 4}, 4},                           // 1 2 3 4 ↓-
		{[]float32{5, 6}, []float32{6, 2, 3, 4, 5}, 1},                        // 6 ↓2 3 4 5
		{nil, []float32{6, 2, 3, 4, 5}, 1},                                    // nothing comes, nothing goes
		{[]float32{7, 8, 9, 10, 11, 12, 13}, []float32{13, 9, 10, 11, 12}, 1}, // the newest five
	} {
		if err := m.Enqueue(nil, step.batch, make([]int32, len(step.batch)), nil, 0); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(m.Rows(), step.want) || m.Next() != step.next {
			t.Errorf("after %v: %v, next slot %d; want %v, %d", step.batch, m.Rows(), m.Next(), step.want, step.next)
		}
	}
	m.Reset()
	if m.Len() != 0 || m.Total() != 0 || len(m.Rows()) != 0 {
		t.Errorf("after Reset: %d rows", m.Len())
	}
}

func TestMemoryRefusesWhatDoesNotFit(t *testing.T) {
	for _, size := range [][2]int{{0, 4}, {-1, 4}, {4, 0}} {
		if _, err := NewMemory(size[0], size[1]); !errors.Is(err, ErrShape) {
			t.Errorf("memory of %v: %v", size, err)
		}
	}
	m, err := NewMemory(4, 2)
	if err != nil {
		t.Fatal(err)
	}
	for name, enqueue := range map[string]func() error{
		"dim":   func() error { return m.Enqueue(nil, make([]float32, 3), make([]int32, 1), nil, 0) },
		"ids":   func() error { return m.Enqueue(nil, make([]float32, 2), make([]int32, 1), make([]int64, 2), 0) },
		"slots": func() error { return m.Enqueue(make([]int, 2), make([]float32, 2), make([]int32, 1), nil, 0) },
	} {
		if err := enqueue(); !errors.Is(err, ErrShape) || m.Len() != 0 {
			t.Errorf("%s: %v, and %d rows were stored", name, err, m.Len())
		}
	}
}

func TestEnqueueDoesNotAllocate(t *testing.T) {
	m, err := NewMemory(1000, 128)
	if err != nil {
		t.Fatal(err)
	}
	x, labels, ids := randomRows(rand.New(rand.NewPCG(1, 1)), 64, 128)
	slots := make([]int, 64)
	if n := testing.AllocsPerRun(100, func() {
		if err := m.Enqueue(slots, x, labels, ids, 1); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%g allocations an Enqueue, want none", n)
	}
}

func BenchmarkEnqueue(b *testing.B) {
	m, err := NewMemory(59551, 128)
	if err != nil {
		b.Fatal(err)
	}
	x, labels, ids := randomRows(rand.New(rand.NewPCG(1, 1)), 64, 128)
	slots := make([]int, 64)
	for b.Loop() {
		if err := m.Enqueue(slots, x, labels, ids, 1); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(64*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

// A memory of 16 bits holds the nearest numbers that these have.
func TestHalfMemory(t *testing.T) {
	const n, dim = 50, 9
	m, err := NewHalfMemory(n, dim)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(6, 6))
	x, labels, ids := randomRows(rng, 3*n/2, dim)
	if err := m.Enqueue(nil, x, labels, ids, 0); err != nil {
		t.Fatal(err)
	}
	wide := make([]float32, n*dim)
	kernel.FromHalf(wide, m.Halves())
	for i, v := range wide {
		if want := x[n/2*dim+i]; math.Abs(float64(v-want)) > math.Abs(float64(want))/2048+1e-7 {
			t.Fatalf("number %d is %g, want %g", i, v, want)
		}
	}
	if m.Rows() != nil {
		t.Error("a memory of 16 bits has rows of 32")
	}
	if got := m.AppendRows([]float32{7}); got[0] != 7 || !slices.Equal(got[1:], wide) {
		t.Error("the rows that are appended are not those in 16 bits")
	}
	full, err := NewMemory(n, dim)
	if err != nil || full.Halves() != nil {
		t.Errorf("a memory of 32 bits has rows of 16: %v", err)
	}
	if _, err := NewHalfMemory(0, 1); !errors.Is(err, ErrShape) {
		t.Errorf("no capacity: %v", err)
	}
}
