package loss

import (
	"math"

	"crossbatch/xbm/internal/logsum"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
)

// entropy is what NTXent and TupletMargin share: the loss of a positive pair is
// log(1 + Σ exp(sharpness·s - x)) over the similarities s of its anchor's
// negatives, where x is the pair's logit; the value is the mean over all positive
// pairs. It keeps the logits of all positive pairs, 16 bytes each.
type entropy struct {
	anchors   []entropyAnchor
	summary   pair.Summary
	mean      float64 // 1 over the positive pairs, or as the reduction says
	reduction Reduction
	rows      int // anchors of the reduction

	partSums
}

type entropyAnchor struct {
	pos  []entropyPositive
	neg  logsum.Sum
	nNeg int
	push float64 // Σ over the positives of ∂loss/∂(log Σ of the negatives)
}

// entropyPositive is a positive's logit, and how often it counts.
type entropyPositive struct{ x, multiplicity float64 }

// counts reports whether the anchor has anything to tell apart; else its pairs
// have a loss of 0.
func (a *entropyAnchor) counts() bool { return a.nNeg > 0 && len(a.pos) > 0 }

func (e *entropy) begin(p *pair.Problem, sharpness float64, r Reduction) {
	e.reduction, e.rows = r.or(OverPairs), len(p.Anchors.Labels)
	e.partSums.begin(len(p.Anchors.Labels), sharpness)
	e.anchors = room.Sized(e.anchors, len(p.Anchors.Labels))
	for i := range e.anchors {
		e.anchors[i] = entropyAnchor{pos: e.anchors[i].pos[:0], neg: logsum.Empty()}
	}
}

// fold takes in a row; logit gives a positive's x, and ∂x/∂s.
func (e *entropy) fold(r *pair.Row, logit func(*pair.Row, pair.Positive) (x, slope float64)) {
	a := &e.anchors[r.Anchor]
	for _, p := range r.Pos {
		x, _ := logit(r, p)
		a.pos = append(a.pos, entropyPositive{x, float64(p.Multiplicity)})
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			a.neg.AddTimes(e.sharpness*float64(s), r.Multiplicity(c))
			a.nNeg++
		}
	}
}

func (e *entropy) EndParts() {
	for i := range e.anchors {
		e.anchors[i].nNeg += e.join(&e.anchors[i].neg, i, 0)
	}
}

func (e *entropy) Factor(part, anchor int) float64 {
	a := &e.anchors[anchor]
	if !a.counts() {
		return 0
	}
	return e.mean * e.sharpness * a.push * e.share(part, anchor, 0, a.neg.Value())
}

func (e *entropy) end() {
	e.summary = pair.Summary{}
	pairs, active := 0.0, 0.0
	for i := range e.anchors {
		a := &e.anchors[i]
		for _, q := range a.pos {
			pairs += q.multiplicity
		}
		if !a.counts() {
			continue
		}
		sum := a.neg.Value()
		for _, q := range a.pos {
			loss := softplus(sum - q.x)
			if loss > leastLog {
				active += q.multiplicity
			}
			e.summary.Value += q.multiplicity * loss
			a.push += q.multiplicity * sigmoid(sum-q.x)
		}
		e.summary.ActivePositives += len(a.pos)
		e.summary.ActiveNegatives += a.nNeg
	}
	e.mean = e.reduction.scale(active, pairs, e.rows)
	e.summary.Value *= e.mean
}

func (e *entropy) weigh(w []float32, r *pair.Row, logit func(*pair.Row, pair.Positive) (x, slope float64)) {
	a := &e.anchors[r.Anchor]
	if !a.counts() {
		return
	}
	sum := a.neg.Value()
	for _, p := range r.Pos {
		x, slope := logit(r, p)
		w[p.Col] = float32(-e.mean * float64(p.Multiplicity) * slope * sigmoid(sum-x))
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			w[c] = float32(e.mean * e.sharpness * a.push * r.Multiplicity(c) * math.Exp(e.sharpness*float64(s)-sum))
		}
	}
}
