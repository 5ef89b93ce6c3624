package loss

import (
	"math"

	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// NPairs tells one pair of each class apart from one row of every other class.
//
//	Kihyuk Sohn. Improved Deep Metric Learning with Multi-class N-pair Loss
//	Objective. NeurIPS 2016. (equation 5)
//	https://papers.nips.cc/paper/6200-improved-deep-metric-learning-with-multi-class-n-pair-loss-objective
//
// The anchors are the first rows of each class in the batch. Each class in the
// columns is stood for by its first row, in order of age, that is not one of
// those anchors. An anchor's loss is log(1 + Σ exp(sₙ - sₚ)) with its class's
// column p and the others' n; the value is the mean over the anchors that have a
// p. Unlike in the paper, rows have unit length, and nothing regularises them.
type NPairs struct {
	Reduction Reduction // usual: OverPairs, the anchors that have a p

	pairs   entropy
	anchors []bool
	columns []bool
	seen    map[int32]bool
}

// Validate returns an error that names the first parameter out of its range.
func (l *NPairs) Validate() error { return spec.Check(kind, "n-pairs", l.fields()) }

func (l *NPairs) fields() []spec.Field { return []spec.Field{reductionField(&l.Reduction, OverPairs)} }

// Begin implements [pair.Loss].
func (l *NPairs) Begin(p *pair.Problem) {
	l.pairs.begin(p, 1, l.Reduction)
	l.pairs.rows = 0
	n := len(p.Columns.Labels)
	l.anchors = room.Zeroed(l.anchors, len(p.Anchors.Labels))
	l.columns = room.Zeroed(l.columns, n)
	if l.seen == nil {
		l.seen = map[int32]bool{}
	}
	clear(l.seen)
	own := map[int]bool{}
	for i, label := range p.Anchors.Labels {
		if !l.seen[label] {
			l.seen[label], l.anchors[i] = true, true
			l.pairs.rows++
			own[p.Self(i)] = true
		}
	}
	clear(l.seen)
	for k := range n {
		j := (p.Oldest + k) % n
		if label := p.Columns.Labels[j]; !own[j] && !l.seen[label] {
			l.seen[label], l.columns[j] = true, true
		}
	}
}

// Passes implements [pair.Loss].
func (l *NPairs) Passes() int { return 1 }

// choose leaves one pair of each class in the row, which counts once.
func (l *NPairs) choose(r *pair.Row) {
	if !l.anchors[r.Anchor] {
		r.DropAll()
		return
	}
	kept := r.Pos[:0]
	for _, p := range r.Pos {
		if l.columns[r.Column(p.Col)] {
			p.Multiplicity = 1
			kept = append(kept, p)
		}
	}
	r.Pos, r.Multiplicities = kept, nil
	for c := range r.Neg {
		if !l.columns[r.Column(c)] {
			r.Neg[c] = float32(math.Inf(-1))
		}
	}
}

// IsFast implements [pair.Fast].
func (l *NPairs) IsFast() bool { return true }

// BeginParts implements [pair.Fast].
func (l *NPairs) BeginParts(parts int) { l.pairs.BeginParts(parts) }

// WeighPart implements [pair.Fast].
func (l *NPairs) WeighPart(part int, r *pair.Row, w []float32) (stored int, keep float32) {
	if !l.anchors[r.Anchor] {
		return 0, 1
	}
	for c := range r.Neg {
		if !l.columns[r.Column(c)] {
			r.Neg[c] = float32(math.Inf(-1))
		}
	}
	return l.pairs.WeighPart(part, r, w)
}

// EndParts implements [pair.Fast].
func (l *NPairs) EndParts() { l.pairs.EndParts() }

// Factor implements [pair.Fast].
func (l *NPairs) Factor(part, anchor int) float64 { return l.pairs.Factor(part, anchor) }

// Fold implements [pair.Loss].
func (l *NPairs) Fold(_ int, r *pair.Row) {
	l.choose(r)
	l.pairs.fold(r, l.logit)
}

// EndPass implements [pair.Loss].
func (l *NPairs) EndPass(int) { l.pairs.end() }

// Summary implements [pair.Loss].
func (l *NPairs) Summary() pair.Summary { return l.pairs.summary }

// Weigh implements [pair.Loss].
func (l *NPairs) Weigh(w []float32, r *pair.Row) {
	l.choose(r)
	l.pairs.weigh(w, r, l.logit)
}

func (l *NPairs) logit(_ *pair.Row, p pair.Positive) (x, slope float64) { return float64(p.Sim), 1 }
