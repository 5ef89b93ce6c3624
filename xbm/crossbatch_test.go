package xbm

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"crossbatch/xbm/pair"
)

func randomBatch(rng *rand.Rand, n, dim int, step int64) Batch {
	x, labels, _ := randomRows(rng, n, dim)
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = step*int64(n) + int64(i)
	}
	return Batch{Embeddings: x, Labels: labels, IDs: ids, Step: step}
}

func newCrossBatch(t testing.TB, capacity, dim int) *CrossBatch {
	m, err := NewMemory(capacity, dim)
	if err != nil {
		t.Fatal(err)
	}
	return &CrossBatch{Memory: m, Loss: pair.NewContrastive(false)}
}

// add adds a term's gradient to zeros.
func add(t testing.TB, term interface {
	Add([]float32, Batch) (pair.Summary, error)
}, b Batch) (pair.Summary, []float32) {
	d := make([]float32, len(b.Embeddings))
	s, err := term.Add(d, b)
	if err != nil {
		t.Fatal(err)
	}
	return s, d
}

// A memory that holds exactly the batch gives the value of the loss within the
// batch, and half its gradient: the copies in memory do not move.
func TestMemoryOfTheBatchIsTheBatch(t *testing.T) {
	b := randomBatch(rand.New(rand.NewPCG(1, 1)), 12, 8, 0)
	for _, euclidean := range []bool{false, true} {
		cross := newCrossBatch(t, 12, 8)
		cross.Loss = pair.NewContrastive(euclidean)
		memory, dMemory := add(t, cross, b)
		inBatch, dBatch := add(t, &InBatch{Loss: pair.NewContrastive(euclidean)}, b)
		if math.Abs(memory.Value-inBatch.Value) > 1e-6 || memory.Positives != inBatch.Positives {
			t.Errorf("euclidean %v: %+v from memory, %+v within the batch", euclidean, memory, inBatch)
		}
		for i := range dBatch {
			if math.Abs(float64(2*dMemory[i]-dBatch[i])) > 1e-6 {
				t.Fatalf("euclidean %v: gradient %d: %g from memory, %g within the batch", euclidean, i, dMemory[i], dBatch[i])
			}
		}
	}
}

// Where the ring's pointer stands makes no difference.
func TestRotatingTheRingChangesNothing(t *testing.T) {
	const n, dim, capacity = 6, 5, 20
	for shift := range capacity {
		cross, rotated := newCrossBatch(t, capacity, dim), newCrossBatch(t, capacity, dim)
		rng := rand.New(rand.NewPCG(1, uint64(shift)))
		x, labels, _ := randomRows(rng, shift, dim)
		if err := rotated.Memory.Enqueue(nil, x, labels, nil, 0); err != nil {
			t.Fatal(err)
		}
		for step := range int64(5) { // 30 rows: what came first is gone
			b := randomBatch(rng, n, dim, step)
			want, dWant := add(t, cross, b)
			got, dGot := add(t, rotated, b)
			if step < 4 {
				continue
			}
			if math.Abs(got.Value-want.Value) > 1e-6 {
				t.Errorf("turned by %d: value %g, want %g", shift, got.Value, want.Value)
			}
			for i := range dWant {
				if math.Abs(float64(dGot[i]-dWant[i])) > 1e-6 {
					t.Fatalf("turned by %d: gradient %d is %g, want %g", shift, i, dGot[i], dWant[i])
				}
			}
		}
	}
}

func TestEnqueueLastLeavesTheBatchOut(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	cross := newCrossBatch(t, 8, 4)
	cross.EnqueueLast = true
	first, d := add(t, cross, randomBatch(rng, 4, 4, 0))
	if first != (pair.Summary{}) || slices.ContainsFunc(d, func(x float32) bool { return x != 0 }) {
		t.Errorf("an empty memory gives %+v and the gradient %v", first, d)
	}
	if second, _ := add(t, cross, randomBatch(rng, 4, 4, 1)); second.Positives+second.Negatives != 16 {
		t.Errorf("%+v: want 4×4 pairs", second)
	}
	if third, _ := add(t, cross, randomBatch(rng, 4, 4, 2)); third.Positives+third.Negatives != 32 {
		t.Errorf("%+v: want 4×8 pairs", third)
	}
}

func TestOlderCopiesAreLeftOut(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	cross, keeping := newCrossBatch(t, 12, 4), newCrossBatch(t, 12, 4)
	keeping.KeepCopies = true
	b := randomBatch(rng, 4, 4, 0)
	for step := range int64(3) {
		b.Step = step
		s, _ := add(t, cross, b)
		k, _ := add(t, keeping, b)
		if want := 4 * int(step); s.Copies != want || k.Copies != 0 || k.Positives-s.Positives != want {
			t.Errorf("step %d: %+v, and %+v with copies kept: want %d copies", step, s, k, want)
		}
	}
}

func TestStartAndWeight(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	cross := newCrossBatch(t, 8, 4)
	cross.Start = 2
	for step := range int64(2) {
		if s, _ := add(t, cross, randomBatch(rng, 4, 4, step)); s != (pair.Summary{}) || cross.Memory.Len() != 0 {
			t.Errorf("step %d, before the start: %+v and %d rows", step, s, cross.Memory.Len())
		}
	}
	b := randomBatch(rng, 4, 4, 2)
	_, once := add(t, cross, b)
	heavy := newCrossBatch(t, 8, 4)
	heavy.Weight = 3
	_, thrice := add(t, heavy, b)
	for i := range once {
		if math.Abs(float64(thrice[i]-3*once[i])) > 1e-6 {
			t.Fatalf("gradient %d: %g with weight 3, %g with 1", i, thrice[i], once[i])
		}
	}
}

func TestBadBatchesChangeNothing(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	good := Batch{Embeddings: []float32{1, 2, 3, 4}, Labels: []int32{0, 1}, IDs: []int64{0, 1}}
	for want, b := range map[string]Batch{
		"embedding 1 of the batch has NaN at place 0":  {Embeddings: []float32{1, 2, nan, 4}, Labels: []int32{0, 1}},
		"embedding 0 of the batch has +Inf at place 1": {Embeddings: []float32{1, inf, 3, 4}, Labels: []int32{0, 1}},
		"3 numbers in the embeddings of 2 labels":      {Embeddings: []float32{1, 2, 3}, Labels: []int32{0, 1}},
		"1 ids for 2 labels":                           {Embeddings: []float32{1, 2, 3, 4}, Labels: []int32{0, 1}, IDs: []int64{1}},
		"sample id -5 at place 1":                      {Embeddings: []float32{1, 2, 3, 4}, Labels: []int32{0, 1}, IDs: []int64{1, -5}},
		"embeddings of 3 numbers for a memory of 2":    {Embeddings: []float32{1, 2, 3, 4, 5, 6}, Labels: []int32{0, 1}},
		"the batch has no labels":                      {},
	} {
		cross := newCrossBatch(t, 4, 2)
		add(t, cross, good)
		before := state(t, cross.Memory)
		d := make([]float32, len(b.Embeddings))
		if _, err := cross.Add(d, b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q", err, want)
		}
		if string(state(t, cross.Memory)) != string(before) || slices.ContainsFunc(d, func(x float32) bool { return x != 0 }) {
			t.Errorf("%s: something has changed", want)
		}
	}
	cross := newCrossBatch(t, 4, 2)
	if _, err := cross.Add(make([]float32, 3), good); !errors.Is(err, ErrShape) {
		t.Errorf("gradient of another size: %v", err)
	}
}
