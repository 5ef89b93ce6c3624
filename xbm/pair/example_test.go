package pair_test

import (
	"fmt"

	"crossbatch/xbm"
	"crossbatch/xbm/pair"
)

// Linear is the least that a loss can be: the sum of 1-s over the positive pairs and
// of s over the negative ones, so that every pair weighs the same.
type Linear struct{ anchors []float64 }

func (l *Linear) Begin(p *pair.Problem) { l.anchors = make([]float64, len(p.Anchors.Labels)) }

func (l *Linear) Passes() int { return 1 }

func (l *Linear) Fold(_ int, r *pair.Row) {
	for _, p := range r.Pos {
		l.anchors[r.Anchor] += 1 - float64(p.Sim)
	}
	for _, s := range r.Neg {
		if s > pair.NoPair {
			l.anchors[r.Anchor] += float64(s)
		}
	}
}

func (l *Linear) EndPass(int) {}

func (l *Linear) Summary() (s pair.Summary) {
	for _, x := range l.anchors {
		s.Value += x
	}
	return s
}

func (l *Linear) Weigh(w []float32, r *pair.Row) {
	for c, s := range r.Neg {
		if s > pair.NoPair {
			w[c] = 1
		}
	}
	for _, p := range r.Pos {
		w[p.Col] = -1
	}
}

// A loss of one's own, in a batch of three rows: two of one class at a right angle,
// and one of another class between them.
func ExampleLoss() {
	batch := xbm.Batch{Embeddings: []float32{1, 0, 0, 1, 0.6, 0.8}, Labels: []int32{0, 0, 1}}
	dEmb := make([]float32, len(batch.Embeddings))
	var weights pair.Inspection
	s, err := (&xbm.InBatch{Loss: &Linear{}}).Add(dEmb, batch, xbm.Inspect(&weights))
	if err != nil {
		panic(err)
	}
	// Anchors see both ways: 2·(1-0) of the positives, 2·(0.6+0.8) of the negatives.
	fmt.Printf("value %.1f of %d positives and %d negatives\n", s.Value, s.Positives, s.Negatives)
	fmt.Printf("gradient %.2f\n", dEmb)
	fmt.Printf("each anchor's negatives are as good as %.2f of equal weight\n", weights.Weights().EffectiveNegatives)
	// Output:
	// value 4.8 of 2 positives and 4 negatives
	// gradient [0.00 -0.40 -0.80 0.00 0.32 -0.24]
	// each anchor's negatives are as good as 1.33 of equal weight
}

// Which pairs count, and as what.
func ExampleProblem_Kind() {
	p := pair.Problem{
		Anchors: pair.Side{Labels: []int32{7}, IDs: []int64{100}},
		Columns: pair.Side{Labels: []int32{7, 7, 7, 8}, IDs: []int64{100, 100, 101, 102}},
		Rule:    pair.Rule{Own: []int{0}, SameID: true},
	}
	names := map[pair.Kind]string{pair.KindSelf: "the anchor itself", pair.KindCopy: "a copy", pair.KindPositive: "a positive", pair.KindNegative: "a negative"}
	for column := range p.Columns.Labels {
		fmt.Printf("column %d is %s\n", column, names[p.Kind(0, column)])
	}
	// Output:
	// column 0 is the anchor itself
	// column 1 is a copy
	// column 2 is a positive
	// column 3 is a negative
}
