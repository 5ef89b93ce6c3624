package pair

import (
	"fmt"
	"math"
)

// Lifted sets each positive pair against the nearest negatives, softly, of both
// its ends, by Euclidean distance of unit rows.
//
//	Hyun Oh Song, Yu Xiang, Stefanie Jegelka, Silvio Savarese. Deep Metric
//	Learning via Lifted Structured Feature Embedding. CVPR 2016.
//	https://arxiv.org/abs/1511.06452 (equation 4)
//
// The loss of a positive pair (i, j) is ½[d(i,j) - PosMargin + log(Σ exp(NegMargin -
// d(i,k)) + Σ exp(NegMargin - d(j,l)))]₊², k running over i's negatives and l over
// j's; the value is the mean over all positive pairs. A pair whose ends have no
// negatives has none.
//
// Against a memory, j is a row of it, and its negatives are the memory's rows of
// other classes: similarities of a memory with itself, which are streamed too.
// They make the loss of a memory that holds just the batch that of the batch. A
// miner chooses for anchors, so of such a row's negatives all count.
type Lifted struct {
	PosMargin float64 // from 0 to 2; usual: 0
	NegMargin float64 // from 0 to 2; usual: 1

	anchors []liftedSums
	parts   partSums
	others  map[int]float64 // log Σ of the columns that are positives
	ends    liftedEnds
	summary Summary
	mean    float64
}

type liftedSums struct {
	pos  []liftedPair
	neg  logSum
	nNeg int
	seen float64 // how often the negatives count together
	push float64 // Σ ∂L/∂(log Σ) of the anchor's negatives
}

type liftedPair struct {
	col         int
	apart       float64
	times, pull float64
}

// Validate returns an error that names the first parameter out of its range.
func (l *Lifted) Validate() error {
	if !(l.PosMargin >= 0 && l.PosMargin <= 2) {
		return fmt.Errorf("pair: lifted: pos_margin is %g: give a value from 0 to 2", l.PosMargin)
	}
	if !(l.NegMargin >= 0 && l.NegMargin <= 2) {
		return fmt.Errorf("pair: lifted: neg_margin is %g: give a value from 0 to 2", l.NegMargin)
	}
	return nil
}

// Begin implements [Loss].
func (l *Lifted) Begin(p *Problem) {
	l.anchors = sizedTo(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		l.anchors[i] = liftedSums{pos: l.anchors[i].pos[:0], neg: emptyLogSum()}
	}
}

// Passes implements [Loss].
func (l *Lifted) Passes() int { return 1 }

// Fold implements [Loss].
func (l *Lifted) Fold(_ int, r *Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		a.pos = append(a.pos, liftedPair{col: r.column(p.Col), apart: r.distance(p.Col, p.Sim), times: float64(p.Times)})
	}
	for c, s := range r.Neg {
		if s > noPair {
			a.neg.addTimes(l.NegMargin-r.distance(c, s), r.Times(c))
			a.nNeg++
			a.seen += r.Times(c)
		}
	}
}

func (l *Lifted) ahead() bool { return true }

func (l *Lifted) beginParts(parts int) { l.parts.begin(parts, len(l.anchors), -1) }

func (l *Lifted) weighAhead(part int, r *Row, w []float32) (int, float32) {
	return l.parts.addDistances(part, r, w, true)
}

func (l *Lifted) endParts() {
	for i := range l.anchors {
		count := l.parts.join(&l.anchors[i].neg, i, l.NegMargin)
		l.anchors[i].nNeg += count
		l.anchors[i].seen += float64(count)
	}
}

func (l *Lifted) factor(part, anchor int) float64 {
	a := &l.anchors[anchor]
	if a.push == 0 {
		return 0
	}
	return l.mean * a.push * l.parts.share(part, anchor, l.NegMargin, a.neg.value())
}

// EndPass implements [Loss].
func (l *Lifted) EndPass(int) {}

func (l *Lifted) finish(e *Engine, _, _ []float32, p *Problem) {
	if !p.Symmetric {
		l.ofColumns(p, e.counts)
	}
	total := 0.0
	for i := range l.anchors {
		for _, q := range l.anchors[i].pos {
			total += q.times
		}
	}
	l.summary, l.mean = Summary{}, 0
	if total == 0 {
		return
	}
	l.mean = 1 / total
	for i := range l.anchors {
		l.pairs(&l.anchors[i], p.Symmetric)
	}
	l.summary.Value *= l.mean
}

// pairs takes the losses of an anchor's positive pairs.
func (l *Lifted) pairs(a *liftedSums, symmetric bool) {
	for k := range a.pos {
		q := &a.pos[k]
		here, there := a.neg.value(), math.Inf(-1)
		if symmetric {
			there = l.anchors[q.col].neg.value()
		} else if v, ok := l.others[q.col]; ok {
			there = v
		}
		both := math.Max(here, there)
		if math.IsInf(both, -1) {
			q.pull = 0
			continue
		}
		both += math.Log1p(math.Exp(math.Min(here, there) - both))
		loss := max(0, q.apart-l.PosMargin+both)
		q.pull = q.times * loss
		l.summary.Value += q.times * loss * loss / 2
		if loss > 0 {
			l.summary.ActivePositives++
			a.push += q.pull * share(here, both)
			if symmetric {
				l.anchors[q.col].push += q.pull * share(there, both)
			}
		}
	}
	if len(a.pos) > 0 {
		l.summary.ActiveNegatives += a.nNeg
	}
}

// Summary implements [Loss].
func (l *Lifted) Summary() Summary { return l.summary }

// Weigh implements [Loss].
func (l *Lifted) Weigh(w []float32, r *Row) {
	a := &l.anchors[r.Anchor]
	k := 0
	for _, p := range r.Pos {
		for a.pos[k].col != r.column(p.Col) {
			k++
		}
		w[p.Col] = float32(l.mean * a.pos[k].pull * apartSlope(true, a.pos[k].apart))
	}
	if a.push == 0 {
		return
	}
	sum := a.neg.value()
	for c, s := range r.Neg {
		if s > noPair {
			d := r.distance(c, s)
			w[c] = float32(-l.mean * a.push * r.Times(c) * share(l.NegMargin-d, sum) * apartSlope(true, d))
		}
	}
}
