package loss

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"crossbatch/xbm/internal/twin"
)

func TestSameBytesForAnyNumberOfThreads(t *testing.T) {
	old := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(old)
	for name, c := range lossCases() {
		for _, shape := range []struct{ n, m, classes int }{{530, -1, 250}, {100, 1100, 80}} {
			var first []float32
			var value float64
			for _, threads := range []int{1, 2, 3} {
				runtime.GOMAXPROCS(threads)
				s := twin.Random(rand.New(rand.NewPCG(5, 6)), shape.n, shape.m, 16, shape.classes)
				summary, grad := s.Run(c.loss())
				if first == nil {
					first, value = grad, summary.Value
				}
				if !slices.Equal(grad, first) || summary.Value != value {
					t.Errorf("%s, %+v: %d threads give other bytes", name, shape, threads)
				}
			}
		}
	}
}

// Shuffling the columns, and giving the classes other numbers, changes nothing
// but the order of sums.
func TestOrderAndNamesDoNotMatter(t *testing.T) {
	for name, c := range lossCases() {
		if name == "n-pairs" {
			continue // it takes the first of each class
		}
		s := twin.Random(rand.New(rand.NewPCG(9, 9)), 20, 900, 8, 12)
		before, grad := s.Run(c.loss())
		rng := rand.New(rand.NewPCG(2, 2))
		place := rng.Perm(900)
		shuffled := s
		shuffled.Columns, shuffled.ColumnLabels = make([]float32, len(s.Columns)), make([]int32, 900)
		shuffled.ColumnIDs, shuffled.Own = make([]int64, 900), slices.Clone(s.Own)
		shuffled.Labels = slices.Clone(s.Labels)
		for j, to := range place {
			copy(shuffled.Columns[to*8:(to+1)*8], s.Columns[j*8:(j+1)*8])
			shuffled.ColumnLabels[to] = 100 - s.ColumnLabels[j]
			shuffled.ColumnIDs[to] = s.ColumnIDs[j]
		}
		for i := range s.Labels {
			shuffled.Labels[i] = 100 - s.Labels[i]
			if s.Own[i] >= 0 {
				shuffled.Own[i] = place[s.Own[i]]
			}
		}
		after, grad2 := shuffled.Run(c.loss())
		if math.Abs(after.Value-before.Value) > 1e-6*before.Value || after.Positives != before.Positives || after.Copies != before.Copies {
			t.Errorf("%s: %+v before, %+v after", name, before, after)
		}
		if err := twin.Relative(grad2, twin.Wide(grad)); err > 1e-5 {
			t.Errorf("%s: the gradient changed by %g", name, err)
		}
	}
}

func TestCountsOfPairs(t *testing.T) {
	s := twin.Sample{
		Dim: 2, Anchors: []float32{1, 0, 0, 1}, Labels: []int32{0, 1}, IDs: []int64{10, 11}, Own: []int{2, -1},
		Columns:      []float32{1, 0, 0, 1, 1, 0, 1, 1, -1, 0},
		ColumnLabels: []int32{0, 1, 0, 0, 1}, ColumnIDs: []int64{10, 12, 10, 13, 11},
	}
	got, _ := s.Run(NewContrastive(false))
	// Anchor 0: slot 0 is an older copy, slot 2 itself, 3 positive, 1 and 4
	// negative. Anchor 1: 1 positive, 4 an older copy, 0, 2 and 3 negative.
	if got.Positives != 2 || got.Copies != 2 || got.Negatives != 5 {
		t.Errorf("%+v: want 2 positives, 2 copies, 5 negatives", got)
	}
	s.KeepCopies = true
	got, _ = s.Run(NewContrastive(false))
	if got.Positives != 4 || got.Copies != 2 || got.Negatives != 5 {
		t.Errorf("copies kept: %+v: want 4 positives, 2 of them copies, 5 negatives", got)
	}
}

// Rows closer than float32 similarities can tell apart keep their distance.
func TestDistanceOfNearDuplicates(t *testing.T) {
	const eps = 1e-3
	s := twin.Sample{Dim: 2, Anchors: []float32{1, 0}, Labels: []int32{0}, IDs: []int64{0}, Own: []int{-1},
		Columns: []float32{1, eps}, ColumnLabels: []int32{0}, ColumnIDs: []int64{1}}
	got, _ := s.Run(NewContrastive(true))
	if want := 2 * math.Sin(math.Atan(eps)/2); math.Abs(got.Value-want) > twin.Tolerance*want {
		t.Errorf("distance %g, want %g", got.Value, want)
	}
}
