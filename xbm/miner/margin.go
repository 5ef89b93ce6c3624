package miner

import (
	"crossbatch/xbm/internal/apart"
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
func (m *Margin) Begin(*pair.Problem) {}

// Passes implements [pair.Miner]: none, each pair speaks for itself.
func (m *Margin) Passes() int { return 0 }

// Fold implements [pair.Miner].
func (m *Margin) Fold(int, *pair.Row) {}

// EndPass implements [pair.Miner].
func (m *Margin) EndPass(int) {}

// Select implements [pair.Miner].
func (m *Margin) Select(r *pair.Row) {
	posBound, negBound := m.PosMargin, m.NegMargin
	if !m.Euclidean {
		posBound, negBound = -posBound, -negBound
	}
	least := apart.LeastWithin(m.Euclidean, negBound)
	r.Keep(
		func(p pair.Positive) bool { return r.Apart(m.Euclidean, p.Col, p.Sim) > posBound },
		func(c int, s float32) bool { return s > least && r.Apart(m.Euclidean, c, s) < negBound })
}
