package xbm

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"crossbatch/xbm/kernel"
	"crossbatch/xbm/loss"
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
	return &CrossBatch{Memory: m, Loss: loss.NewContrastive(false)}
}

// add adds a term's gradient to zeros.
func add(t testing.TB, term interface {
	Add([]float32, Batch, ...Observer) (pair.Summary, error)
}, b Batch, observers ...Observer) (pair.Summary, []float32) {
	t.Helper()
	d := make([]float32, len(b.Embeddings))
	s, err := term.Add(d, b, observers...)
	if err != nil {
		t.Fatal(err)
	}
	return s, d
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
		if want := 4 * int(step); s.Copies != want || k.Copies != want || k.Positives-s.Positives != want {
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

// What Fill stores is what Add stores, without a loss.
func TestFill(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	filled, added := newCrossBatch(t, 6, 4), newCrossBatch(t, 6, 4)
	for step := range int64(4) {
		b := randomBatch(rng, 4, 4, step)
		add(t, added, b)
		if err := filled.Fill(b); err != nil {
			t.Fatal(err)
		}
		if string(state(t, filled.Memory)) != string(state(t, added.Memory)) {
			t.Fatalf("step %d: the memories differ", step)
		}
	}
	before := state(t, filled.Memory)
	for _, bad := range []Batch{{}, {Embeddings: make([]float32, 3), Labels: make([]int32, 1)}, {Embeddings: []float32{1, 2, 3, float32(math.NaN())}, Labels: make([]int32, 1)}} {
		if err := filled.Fill(bad); err == nil || string(state(t, filled.Memory)) != string(before) {
			t.Errorf("%v: %v", bad, err)
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

// A loss sees how long each row was before it was brought to unit length, in every
// slot and after slots are taken again.
func TestTheMemoryKeepsLengths(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 2))
	cross := newCrossBatch(t, 6, 3)
	lengths := map[int64]float64{}
	for step := range int64(4) {
		b := randomBatch(rng, 4, 3, step)
		for i, id := range b.IDs {
			lengths[id] = math.Sqrt(float64(kernel.SumSquares(b.Embeddings[i*3 : i*3+3])))
		}
		add(t, cross, b)
		side := cross.Memory.side()
		for i, id := range side.IDs {
			if got := float64(side.Lengths[i]); math.Abs(got-lengths[id]) > 1e-6*lengths[id] {
				t.Errorf("step %d: row %d of the memory had length %v, want %v", step, i, got, lengths[id])
			}
		}
	}
}
