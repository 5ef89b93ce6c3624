package miner

import (
	"math"
	"slices"

	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// extremes are the anchor's most and least similar pairs so far.
type extremes struct {
	posLow, posHigh, negHigh, negLow extreme
}

type extreme struct {
	sim float32
	col int // -1: no pair yet
}

func noExtremes() extremes {
	none := extreme{col: -1}
	return extremes{none, none, none, none}
}

// above takes in a pair if it is more similar than all before.
func (x *extreme) above(sim float32, col int) {
	if x.col < 0 || sim > x.sim {
		*x = extreme{sim, col}
	}
}

// below takes in a pair if it is less similar than all before.
func (x *extreme) below(sim float32, col int) {
	if x.col < 0 || sim < x.sim {
		*x = extreme{sim, col}
	}
}

// fold takes in a row; the least similar negative only where low asks for it.
func (x *extremes) fold(r *pair.Row, low bool) {
	for _, p := range r.Pos {
		x.posLow.below(p.Sim, r.Column(p.Col))
		x.posHigh.above(p.Sim, r.Column(p.Col))
	}
	if high := kernel.Max(r.Neg); high > pair.NoPair && (x.negHigh.col < 0 || high > x.negHigh.sim) {
		x.negHigh = extreme{high, r.Column(slices.Index(r.Neg, high))}
	}
	if !low {
		return
	}
	if least := kernel.LeastAbove(r.Neg, pair.NoPair); !math.IsInf(float64(least), 1) && (x.negLow.col < 0 || least < x.negLow.sim) {
		x.negLow = extreme{least, r.Column(slices.Index(r.Neg, least))}
	}
}

// apart is how far the pair is apart, -Inf where there is none.
func (x extreme) apart(euclidean bool, p *pair.Problem, anchor int) float64 {
	if x.col < 0 {
		return math.Inf(-1)
	}
	r := pair.Row{Anchor: anchor, Problem: p}
	return r.Apart(euclidean, x.col, x.sim)
}

// partExtremes are the anchors' extremes among the negatives, by part.
type partExtremes struct {
	n     int
	parts []extremes
}

func (x *partExtremes) begin(parts, n int) {
	x.n = n
	x.parts = room.Sized(x.parts, parts*n)
	for k := range x.parts {
		x.parts[k] = noExtremes()
	}
}

func (x *partExtremes) of(part, anchor int) *extremes { return &x.parts[part*x.n+anchor] }

// bound is a similarity that negatives must be above to make a difference to
// [extremes.fold] without low.
func (x *partExtremes) bound(part, anchor int) float32 {
	if high := x.of(part, anchor).negHigh; high.col >= 0 {
		return high.sim
	}
	return pair.NoPair
}

// join takes all parts' negatives into the anchors' extremes. Of equal ones the first
// column counts, whatever part it is in.
func (x *partExtremes) join(anchors []extremes) {
	for k, q := range x.parts {
		a := &anchors[k%x.n]
		if high := q.negHigh; high.col >= 0 {
			a.negHigh.above(high.sim, high.col)
			if high.sim == a.negHigh.sim {
				a.negHigh.col = min(a.negHigh.col, high.col)
			}
		}
		if low := q.negLow; low.col >= 0 {
			a.negLow.below(low.sim, low.col)
			if low.sim == a.negLow.sim {
				a.negLow.col = min(a.negLow.col, low.col)
			}
		}
	}
}
