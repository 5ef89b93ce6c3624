package miner

import (
	"math"

	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// Margin chooses the positives that are farther apart than a margin, and
// the negatives that are nearer than one. By cosine similarity s those are
// positives with s < PosMargin and negatives with s > NegMargin; by Euclidean
// distance d, d > PosMargin and d < NegMargin.
type Margin struct {
	Euclidean bool
	PosMargin float64 // usual: 0.2
	NegMargin float64 // usual: 0.8

	bound float32 // similarity that chosen negatives are above, where the distance is not needed
}

// Validate returns an error that names the first parameter out of its range.
func (m *Margin) Validate() error { return spec.Check(kind, "pair-margin", m.fields()) }

func (m *Margin) fields() []spec.Field {
	lo, hi := -1.0, 1.0 // similarities
	if m.Euclidean {
		lo, hi = 0, 2 // distances of unit rows
	}
	return []spec.Field{{Key: "pos_margin", At: &m.PosMargin, Range: spec.From(lo, hi)}, {Key: "neg_margin", At: &m.NegMargin, Range: spec.From(lo, hi)}}
}

// Begin implements [pair.Miner].
func (m *Margin) Begin(*pair.Problem) {
	m.bound = apart.LastWithout(func(s float32) bool { return apart.BySim(m.Euclidean, s) < m.negBound() })
}

// negBound is how far apart negatives may be.
func (m *Margin) negBound() float64 {
	if m.Euclidean {
		return m.NegMargin
	}
	return -m.NegMargin
}

// Passes implements [pair.Miner]: none, each pair speaks for itself.
func (m *Margin) Passes() int { return 0 }

// Fold implements [pair.Miner].
func (m *Margin) Fold(int, *pair.Row) {}

// EndPass implements [pair.Miner].
func (m *Margin) EndPass(int) {}

// IsFew implements [pair.FastMiner].
func (m *Margin) IsFew() bool { return false }

// Few implements [pair.FastMiner]: it is not called.
func (m *Margin) Few(int, func(column int, sim float32)) {}

// BeginParts implements [pair.FastMiner].
func (m *Margin) BeginParts(int) {}

// FoldPart implements [pair.FastMiner].
func (m *Margin) FoldPart(int, int, *pair.Row) {}

// EndParts implements [pair.FastMiner].
func (m *Margin) EndParts(int) {}

// SelectBound implements [pair.BoundedChoice].
func (m *Margin) SelectBound(int) float32 {
	if m.Euclidean {
		return min(m.bound, apart.BelowNearlyOne)
	}
	return m.bound
}

// Select implements [pair.Miner].
func (m *Margin) Select(r *pair.Row) {
	posBound := m.PosMargin
	if !m.Euclidean {
		posBound = -posBound
	}
	kept := r.Pos[:0]
	for _, p := range r.Pos {
		if r.Apart(m.Euclidean, p.Col, p.Sim) > posBound {
			kept = append(kept, p)
		}
	}
	r.Pos = kept
	bound := m.SelectBound(r.Anchor)
	kernel.Cut(r.Neg, bound)
	if bound < pair.NearlyOne-0.01 || !m.Euclidean {
		return
	}
	// Distances of near pairs are taken from the rows.
	for c, s := range r.Neg {
		if s > pair.NoPair && !(r.Apart(true, c, s) < m.NegMargin) {
			r.Neg[c] = float32(math.Inf(-1))
		}
	}
}
