package loss

import (
	"math"

	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/internal/logsum"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
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
	PosMargin float64   // from 0 to 2; usual: 0
	NegMargin float64   // from 0 to 2; usual: 1
	Reduction Reduction // usual: OverPairs, the positive ones

	anchors []liftedSums
	others  map[int]float64 // log Σ of the columns that are positives
	ends    liftedEnds
	summary pair.Summary
	mean    float64
	active  float64 // pairs with a loss

	distanceSums
}

type liftedSums struct {
	pos  []liftedPair
	neg  logsum.Sum
	nNeg int
	seen float64 // how often the negatives count together
	push float64 // Σ ∂L/∂(log Σ) of the anchor's negatives
}

type liftedPair struct {
	col                int
	apart              float64
	multiplicity, pull float64
}

// Validate returns an error that names the first parameter out of its range.
func (l *Lifted) Validate() error { return spec.Check(kind, "lifted", l.fields()) }

func (l *Lifted) fields() []spec.Field {
	return []spec.Field{{Key: "pos_margin", At: &l.PosMargin, Range: spec.From(0, 2)}, {Key: "neg_margin", At: &l.NegMargin, Range: spec.From(0, 2)}, reductionField(&l.Reduction, OverPairs)}
}

// Traits implements [pair.Described].
func (l *Lifted) Traits() pair.Traits { return pair.Traits{Euclidean: true} }

// Begin implements [pair.Loss].
func (l *Lifted) Begin(p *pair.Problem) {
	l.begin(len(p.Anchors.Labels))
	l.anchors = room.Sized(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		l.anchors[i] = liftedSums{pos: l.anchors[i].pos[:0], neg: logsum.Empty()}
	}
}

// Passes implements [pair.Loss].
func (l *Lifted) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *Lifted) Fold(_ int, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		a.pos = append(a.pos, liftedPair{col: r.Column(p.Col), apart: r.Distance(p.Col, p.Sim), multiplicity: float64(p.Multiplicity)})
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			a.neg.AddTimes(l.NegMargin-r.Distance(c, s), r.Multiplicity(c))
			a.nNeg++
			a.seen += r.Multiplicity(c)
		}
	}
}

// EndParts implements [pair.Fast].
func (l *Lifted) EndParts() {
	for i := range l.anchors {
		count := l.join(&l.anchors[i].neg, i, l.NegMargin)
		l.anchors[i].nNeg += count
		l.anchors[i].seen += float64(count)
	}
}

// Factor implements [pair.Fast].
func (l *Lifted) Factor(part, anchor int) float64 {
	a := &l.anchors[anchor]
	if a.push == 0 {
		return 0
	}
	return l.mean * a.push * l.share(part, anchor, l.NegMargin, a.neg.Value())
}

// EndPass implements [pair.Loss].
func (l *Lifted) EndPass(int) {}

// Finish implements [pair.Finisher]: it takes the sums of the other ends.
func (l *Lifted) Finish(f *pair.Finish) {
	p := f.Problem
	if !p.Symmetric {
		l.ofColumns(p, f.Negatives)
	}
	total := 0.0
	for i := range l.anchors {
		for _, q := range l.anchors[i].pos {
			total += q.multiplicity
		}
	}
	l.summary, l.mean, l.active = pair.Summary{}, 0, 0
	if total == 0 {
		return
	}
	for i := range l.anchors {
		l.pairs(&l.anchors[i], p.Symmetric)
	}
	l.mean = l.Reduction.or(OverPairs).scale(l.active, total, len(l.anchors))
	l.summary.Value *= l.mean
}

// pairs takes the losses of an anchor's positive pairs.
func (l *Lifted) pairs(a *liftedSums, symmetric bool) {
	for k := range a.pos {
		q := &a.pos[k]
		here, there := a.neg.Value(), math.Inf(-1)
		if symmetric {
			there = l.anchors[q.col].neg.Value()
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
		q.pull = q.multiplicity * loss
		l.summary.Value += q.multiplicity * loss * loss / 2
		if loss > 0 {
			l.summary.ActivePositives++
			l.active += q.multiplicity
			a.push += q.pull * logsum.Share(here, both)
			if symmetric {
				l.anchors[q.col].push += q.pull * logsum.Share(there, both)
			}
		}
	}
	if len(a.pos) > 0 {
		l.summary.ActiveNegatives += a.nNeg
	}
}

// Summary implements [pair.Loss].
func (l *Lifted) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss].
func (l *Lifted) Weigh(w []float32, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	k := 0
	for _, p := range r.Pos {
		for a.pos[k].col != r.Column(p.Col) {
			k++
		}
		w[p.Col] = float32(l.mean * a.pos[k].pull * apart.Slope(true, a.pos[k].apart))
	}
	if a.push == 0 {
		return
	}
	sum := a.neg.Value()
	for c, s := range r.Neg {
		if s > pair.NoPair {
			d := r.Distance(c, s)
			w[c] = float32(-l.mean * a.push * r.Multiplicity(c) * logsum.Share(l.NegMargin-d, sum) * apart.Slope(true, d))
		}
	}
}
