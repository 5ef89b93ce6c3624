package loss_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"crossbatch/xbm"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

// Squared is a loss from outside: the mean of (1-s)²/2 over the positive pairs plus
// that of [s-Margin]₊²/2 over the negative ones. It implements [pair.Loss], and with
// the last five methods [pair.Fast]: its negatives lack nothing but one factor, 1
// over their number.
type Squared struct {
	Margin float64

	anchors  []sums
	parts    []sums // by part, then anchor
	summary  pair.Summary
	pos, neg float64 // 1 over the number of pairs
}

var _ pair.Fast = (*Squared)(nil)

// sums is what the pairs of an anchor add up to.
type sums struct {
	pos, neg          float64
	nPos, nNeg, above int
}

func (l *Squared) Begin(p *pair.Problem) { l.anchors = make([]sums, len(p.Anchors.Labels)) }

func (l *Squared) Passes() int { return 1 }

func (l *Squared) Fold(_ int, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		lack := 1 - float64(p.Sim)
		a.pos += lack * lack / 2
		a.nPos++
	}
	for _, s := range r.Neg {
		if s > pair.NoPair {
			a.negative(float64(s) - l.Margin)
		}
	}
}

func (a *sums) negative(excess float64) {
	a.nNeg++
	if excess > 0 {
		a.neg += excess * excess / 2
		a.above++
	}
}

func (l *Squared) EndPass(int) {
	var all sums
	for _, a := range l.anchors { // in the order of the anchors
		all.pos, all.neg = all.pos+a.pos, all.neg+a.neg
		all.nPos, all.nNeg, all.above = all.nPos+a.nPos, all.nNeg+a.nNeg, all.above+a.above
	}
	l.pos, l.neg = 1/math.Max(1, float64(all.nPos)), 1/math.Max(1, float64(all.nNeg))
	l.summary = pair.Summary{Value: l.pos*all.pos + l.neg*all.neg, ActivePositives: all.nPos, ActiveNegatives: all.above}
}

func (l *Squared) Summary() pair.Summary { return l.summary }

func (l *Squared) Weigh(w []float32, r *pair.Row) {
	for _, p := range r.Pos {
		w[p.Col] = float32(-l.pos * (1 - float64(p.Sim)))
	}
	for c, s := range r.Neg {
		if excess := float64(s) - l.Margin; s > pair.NoPair && excess > 0 {
			w[c] = float32(l.neg * excess)
		}
	}
}

// What follows is the fast path.

func (l *Squared) IsFast() bool { return true }

func (l *Squared) BeginParts(parts int) { l.parts = make([]sums, parts*len(l.anchors)) }

func (l *Squared) WeighPart(part int, r *pair.Row, w []float32) (stored int, keep float32) {
	a := &l.parts[part*len(l.anchors)+r.Anchor]
	a.nNeg += kernel.CountAbove(r.Neg, pair.NoPair)
	for _, c := range r.Places[:kernel.FindAbove(r.Places, r.Neg, float32(l.Margin))] {
		excess := float64(r.Neg[c]) - l.Margin
		a.neg += excess * excess / 2
		a.above++
		w[c] = float32(excess)
		stored++
	}
	return stored, 1
}

func (l *Squared) EndParts() {
	for k, q := range l.parts {
		a := &l.anchors[k%len(l.anchors)]
		a.neg, a.nNeg, a.above = a.neg+q.neg, a.nNeg+q.nNeg, a.above+q.above
	}
}

func (l *Squared) Factor(int, int) float64 { return l.neg }

// A loss of your own trains against a memory like any other, as fast.
func Example_outside() {
	const samples, dim, batch, rate = 60, 8, 6, 6
	memory, err := xbm.NewMemory(40, dim)
	if err != nil {
		panic(err)
	}
	l := &Squared{Margin: 0.2}
	crossBatch := xbm.CrossBatch{Memory: memory, Loss: l}
	rng := rand.New(rand.NewPCG(1, 1))
	table := make([]float32, samples*dim) // a network of nothing but a table
	for i := range table {
		table[i] = float32(rng.NormFloat64())
	}
	for step := range int64(201) {
		b := xbm.Batch{Step: step}
		for _, id := range rng.Perm(samples)[:batch] {
			b.Embeddings = append(b.Embeddings, table[id*dim:(id+1)*dim]...)
			b.Labels, b.IDs = append(b.Labels, int32(id%5)), append(b.IDs, int64(id))
		}
		dEmb := make([]float32, len(b.Embeddings))
		s, err := crossBatch.Add(dEmb, b)
		if err != nil {
			panic(err)
		}
		for i, id := range b.IDs {
			for k := range dim {
				table[int(id)*dim+k] -= rate * dEmb[i*dim+k]
			}
		}
		if step%50 == 49 {
			fmt.Printf("step %3d: loss %.3f of %d positive and %d negative pairs, fast: %v\n", step, s.Value, s.Positives, s.Negatives, l.parts != nil)
		}
	}
	// Output:
	// step  49: loss 0.580 of 51 positive and 182 negative pairs, fast: true
	// step  99: loss 0.331 of 40 positive and 193 negative pairs, fast: true
	// step 149: loss 0.218 of 40 positive and 189 negative pairs, fast: true
	// step 199: loss 0.102 of 61 positive and 170 negative pairs, fast: true
}

// plainly hides all of a loss but the plain way.
type plainly struct{ pair.Loss }

// A loss from outside takes the fast way, alone and mined, and comes to the same as
// by the plain one.
func TestLossFromOutsideIsFast(t *testing.T) {
	const n, dim, rows = 40, 16, 1500
	for _, mining := range []string{"none", "multi-similarity"} {
		rng := rand.New(rand.NewPCG(2, 2))
		b := xbm.Batch{Embeddings: make([]float32, n*dim), Labels: make([]int32, n)}
		past := xbm.Batch{Embeddings: make([]float32, rows*dim), Labels: make([]int32, rows)}
		for _, side := range []xbm.Batch{b, past} {
			for i := range side.Embeddings {
				side.Embeddings[i] = float32(rng.NormFloat64())
			}
			for i := range side.Labels {
				side.Labels[i] = rng.Int32N(100)
			}
		}
		run := func(l pair.Loss) (pair.Summary, []float32) {
			mined, err := miner.Mine(l, mining, nil)
			if err != nil {
				t.Fatal(err)
			}
			memory, err := xbm.NewMemory(rows, dim)
			if err != nil {
				t.Fatal(err)
			}
			term := xbm.CrossBatch{Memory: memory, Loss: mined, EnqueueLast: true}
			if err := term.Fill(past); err != nil {
				t.Fatal(err)
			}
			d := make([]float32, n*dim)
			s, err := term.Add(d, b)
			if err != nil {
				t.Fatal(err)
			}
			return s, d
		}
		fast, plain := &Squared{Margin: 0.2}, &Squared{Margin: 0.2}
		got, dGot := run(fast)
		want, dWant := run(plainly{plain})
		if fast.parts == nil || plain.parts != nil {
			t.Errorf("with miner %s: fast %v, hidden %v", mining, fast.parts != nil, plain.parts != nil)
		}
		if math.Abs(got.Value-want.Value) > 1e-6 || got.Positives != want.Positives || got.Negatives != want.Negatives || got.ActiveNegatives != want.ActiveNegatives {
			t.Errorf("with miner %s: %+v, plainly %+v", mining, got, want)
		}
		for i, x := range dWant {
			if math.Abs(float64(dGot[i]-x)) > 1e-6 {
				t.Fatalf("with miner %s: the gradient is %g at %d, plainly %g", mining, dGot[i], i, x)
			}
		}
	}
}
