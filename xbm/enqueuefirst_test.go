package xbm

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/loss"
)

// Where the batch joins the memory first, an anchor pairs with every row that the memory
// then holds but its own, and but other rows of its sample, unless copies are kept: in
// memories that hold several batches, one, or a part of one.
func TestEnqueueFirstPairsWithAllButItself(t *testing.T) {
	const n, dim, steps = 6, 4, 4
	labels := []int32{0, 0, 1, 1, 2, 0}
	for _, capacity := range []int{3, 6, 9, 50} {
		for _, keep := range []bool{false, true} {
			rng := rand.New(rand.NewPCG(1, uint64(capacity)))
			memory, err := NewMemory(capacity, dim)
			if err != nil {
				t.Fatal(err)
			}
			cross := CrossBatch{Memory: memory, Loss: loss.NewContrastive(false), KeepCopies: keep}
			var stored [][2]int64 // of all rows ever: their sample, and their place among all
			for step := range int64(steps) {
				// Samples 0 and 5 are one; half of the samples come again in the next step.
				ids := []int64{10 * step, 1, 10*step + 2, 3, 10*step + 4, 10 * step}
				first := int64(len(stored))
				for i, id := range ids {
					stored = append(stored, [2]int64{id, first + int64(i)})
				}
				held := stored[max(0, len(stored)-capacity):]
				var pos, neg, copies int
				for i := range n {
					for _, row := range held {
						same := labels[i] == labels[row[1]%n]
						switch {
						case row[1] == first+int64(i): // itself
						case !same:
							neg++
						case row[0] == ids[i]:
							copies++
							if keep {
								pos++
							}
						default:
							pos++
						}
					}
				}
				emb := twin.Gauss(rng, n*dim)
				s, err := cross.Add(make([]float32, n*dim), Batch{Embeddings: emb, Labels: labels, IDs: ids, Step: step})
				if err != nil {
					t.Fatal(err)
				}
				if got, want := fmt.Sprint(s.Positives, s.Negatives, s.Copies), fmt.Sprint(pos, neg, copies); got != want {
					t.Errorf("memory of %d, copies kept %t, step %d: %s positives, negatives and copies, want %s", capacity, keep, step, got, want)
				}
			}
		}
	}
}
