package xbm

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"crossbatch/xbm/loss"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

// everyLoss calls f with each pair loss, with and without each miner; fresh
// makes one.
func everyLoss(t *testing.T, f func(name string, fresh func() pair.Loss)) {
	for _, lossText := range loss.Names() {
		miners := miner.Names()
		if testing.Short() {
			miners = miners[:2]
		}
		for _, minerText := range miners {
			f(lossText+" with miner "+minerText, func() pair.Loss {
				l, err := ParseLoss(lossText, minerText, rand.NewPCG(7, 7))
				if err != nil {
					t.Fatal(err)
				}
				return l
			})
		}
	}
}

// near compares two values, or gradients, of one loss.
func near(a, b float64) bool { return math.Abs(a-b) <= 2e-5*math.Max(1, math.Abs(b)) }

func nearAll(a, b []float32, scale float64) bool {
	var norm float64
	for _, x := range b {
		norm = math.Max(norm, math.Abs(float64(x)))
	}
	for i := range a {
		if math.Abs(scale*float64(a[i])-float64(b[i])) > 2e-5*math.Max(0.1, norm) {
			return false
		}
	}
	return true
}

// A memory that holds exactly the batch gives the value of the loss within the
// batch. Losses that see both sides of a pair alike have half the gradient: the
// copies in memory do not move.
func TestMemoryOfTheBatchIsTheBatch(t *testing.T) {
	b := randomBatch(rand.New(rand.NewPCG(1, 1)), 12, 8, 0)
	everyLoss(t, func(name string, fresh func() pair.Loss) {
		cross := newCrossBatch(t, 12, 8)
		cross.Loss = fresh()
		memory, dMemory := add(t, cross, b)
		inBatch, dBatch := add(t, &InBatch{Loss: fresh()}, b)
		if strings.HasPrefix(name, "lifted") && !strings.HasSuffix(name, "none") {
			return // a miner chooses for anchors, and a memory's rows are none
		}
		if !near(memory.Value, inBatch.Value) || memory.Positives != inBatch.Positives {
			t.Errorf("%s: %+v from memory, %+v within the batch", name, memory, inBatch)
		}
		if strings.HasPrefix(name, "contrastive") && strings.HasSuffix(name, "none") && !nearAll(dMemory, dBatch, 2) {
			t.Errorf("%s: the gradient from memory is not half of that within the batch", name)
		}
	})
}

// Where the ring's pointer stands makes no difference. What a miner draws at
// random depends on the order of the slots.
func TestRotatingTheRingChangesNothing(t *testing.T) {
	const n, dim, capacity = 6, 5, 20
	everyLoss(t, func(name string, fresh func() pair.Loss) {
		if strings.Contains(name, "distance-weighted") {
			return
		}
		for _, shift := range []int{1, 7, 13, 19} {
			cross, rotated := newCrossBatch(t, capacity, dim), newCrossBatch(t, capacity, dim)
			cross.Loss, rotated.Loss = fresh(), fresh()
			rng := rand.New(rand.NewPCG(1, uint64(shift)))
			x, labels, _ := randomRows(rng, shift, dim)
			if err := rotated.Memory.Enqueue(nil, x, labels, nil, 0); err != nil {
				t.Fatal(err)
			}
			for step := range int64(5) { // 30 rows: what came first is gone
				b := randomBatch(rng, n, dim, step)
				want, dWant := add(t, cross, b)
				got, dGot := add(t, rotated, b)
				if step == 4 && (!near(got.Value, want.Value) || !nearAll(dGot, dWant, 1)) {
					t.Errorf("%s, turned by %d: value %g, want %g, or another gradient", name, shift, got.Value, want.Value)
				}
			}
		}
	})
}

// Neither does the order of the batch, nor do the numbers of the classes.
func TestOrderAndNamesOfTheBatchDoNotMatter(t *testing.T) {
	const n, dim = 10, 6
	everyLoss(t, func(name string, fresh func() pair.Loss) {
		if strings.Contains(name, "distance-weighted") || strings.HasPrefix(name, "n-pairs") {
			return // random draws; and the first of each class
		}
		rng := rand.New(rand.NewPCG(5, 5))
		plain, shuffled := newCrossBatch(t, 25, dim), newCrossBatch(t, 25, dim)
		plain.Loss, shuffled.Loss = fresh(), fresh()
		for step := range int64(3) {
			b := randomBatch(rng, n, dim, step)
			place := rng.Perm(n)
			c := Batch{Embeddings: slices.Clone(b.Embeddings), Labels: slices.Clone(b.Labels), IDs: slices.Clone(b.IDs), Step: step}
			for i, to := range place {
				copy(c.Embeddings[to*dim:(to+1)*dim], b.Embeddings[i*dim:(i+1)*dim])
				c.Labels[to], c.IDs[to] = 1000-b.Labels[i], b.IDs[i]
			}
			for _, terms := range [][2]interface {
				Add([]float32, Batch, ...Observer) (pair.Summary, error)
			}{{plain, shuffled}, {&InBatch{Loss: fresh()}, &InBatch{Loss: fresh()}}} {
				want, dWant := add(t, terms[0], b)
				got, dGot := add(t, terms[1], c)
				back := slices.Clone(dGot)
				for i, to := range place {
					copy(back[i*dim:(i+1)*dim], dGot[to*dim:(to+1)*dim])
				}
				// The ring of 25 keeps of the third batch's elders what came last.
				if step < 2 && (!near(got.Value, want.Value) || !nearAll(back, dWant, 1)) {
					t.Errorf("%s, step %d: value %g shuffled, %g before, or another gradient", name, step, got.Value, want.Value)
				}
			}
		}
	})
}

// A memory twice as large with the same rows twice over does not double the loss:
// means stay, and sums in a logarithm grow by at most its share.
func TestTheLossDoesNotGrowWithTheMemory(t *testing.T) {
	const n, dim = 12, 8
	rng := rand.New(rand.NewPCG(9, 1))
	x, labels, _ := randomRows(rng, 40, dim)
	b := randomBatch(rng, n, dim, 0)
	for _, text := range loss.Names() {
		var values []float64
		for _, times := range []int{1, 8} {
			cross := newCrossBatch(t, 40*times, dim)
			cross.EnqueueLast = true
			l, err := loss.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			cross.Loss = l
			for range times {
				if err := cross.Memory.Enqueue(nil, x, labels, nil, 0); err != nil {
					t.Fatal(err)
				}
			}
			s, _ := add(t, cross, b)
			values = append(values, s.Value)
		}
		if limit := values[0]*1.001 + 1e-6; values[1] > limit && !growsByLogarithm(text, values) {
			t.Errorf("%s: %g with 40 rows, %g with 320", text, values[0], values[1])
		}
	}
}

// growsByLogarithm says whether a loss of log Σ grew by no more than 8 times the
// terms explain.
func growsByLogarithm(loss string, values []float64) bool {
	grew := math.Log(8)
	switch name, _, _ := strings.Cut(loss, ":"); name {
	case "nt-xent", "supcon", "nca", "tuplet-margin", "angular", "n-pairs":
		return values[1] <= values[0]+grew+1e-6
	case "multi-similarity": // ½ log Σ + 1/50 log Σ
		return values[1] <= values[0]+grew*(0.5+0.02)+1e-6
	case "circle", "generalized-lifted": // of both kinds of pairs
		return values[1] <= values[0]+2*grew+1e-6
	case "smooth-ap": // no more than all of it
		return values[1] <= 1
	case "lifted": // squared
		return math.Sqrt(2*values[1]) <= math.Sqrt(2*values[0])+grew+1e-6
	}
	return false
}
