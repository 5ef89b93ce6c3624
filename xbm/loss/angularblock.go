package loss

import (
	"math"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/internal/logsum"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
)

// angularBlock is a loss whose anchors are the middles of positive pairs.
type angularBlock struct {
	self    float64   // factor of a·p; that of middle·n is sharpness
	lengths []float32 // of n; nil: 1

	pairs  []angularPair
	sums   []logsum.Sum
	nNeg   []int
	engine engine.Engine

	rows, dRows, dColumns []float32
	wide                  []float32
	labels                []int32

	partSums
}

// run takes a block of pairs against all columns, adds its gradient, and leaves
// the pulls in pairs.
func (b *angularBlock) run(pairs []angularPair, dAnchors, dColumns []float32, p *pair.Problem) {
	middles := b.problem(pairs, p)
	b.dRows = room.Sized(b.dRows, len(pairs)*p.Dim)
	if dColumns != nil {
		b.dColumns = room.Sized(b.dColumns, len(dColumns))
	} else {
		b.dColumns = nil
	}
	b.engine.RunBoth(b.dRows, b.dColumns, middles, b)
	for k, q := range pairs {
		for d, g := range b.dRows[k*p.Dim : (k+1)*p.Dim] {
			dAnchors[q.anchor*p.Dim+d] += g / 2
			if dColumns != nil {
				dColumns[q.col*p.Dim+d] += g / 2
			}
		}
	}
	for d, g := range b.dColumns {
		dColumns[d] += g
	}
	if b.lengths != nil && b.dColumns != nil && p.DLengths != nil {
		b.addLengths(p)
	}
}

// fold takes a block of pairs to its sums.
func (b *angularBlock) fold(pairs []angularPair, p *pair.Problem) {
	b.engine.Fold(b.problem(pairs, p), b)
}

// problem is the middles of a block of pairs against all columns.
func (b *angularBlock) problem(pairs []angularPair, p *pair.Problem) *pair.Problem {
	b.pairs = pairs
	b.rows, b.labels = room.Sized(b.rows, len(pairs)*p.Dim), room.Sized(b.labels, len(pairs))
	for k, q := range pairs {
		b.labels[k] = p.Anchors.Labels[q.anchor]
		a, c := p.Anchors.Rows[q.anchor*p.Dim:], p.Columns.At(&b.wide, p.Dim, q.col, 1)
		for d := range p.Dim {
			b.rows[k*p.Dim+d] = (a[d] + c[d]) / 2
		}
	}
	return &pair.Problem{
		Dim: p.Dim, Anchors: pair.Side{Rows: b.rows, Labels: b.labels}, Columns: p.Columns, Step: p.Step, Halves: p.Halves,
	}
}

// addLengths turns ∂L/∂u, u a negative's unit row, into ∂L/∂length: L depends on
// length·u.
func (b *angularBlock) addLengths(p *pair.Problem) {
	for j, length := range b.lengths {
		if length == 0 {
			continue
		}
		var dot float64
		for d, g := range b.dColumns[j*p.Dim : (j+1)*p.Dim] {
			dot += float64(g) * float64(p.Columns.Rows[j*p.Dim+d])
		}
		p.DLengths[j] += float32(dot / float64(length))
	}
}

// Begin implements [pair.Loss].
func (b *angularBlock) Begin(*pair.Problem) {
	b.begin(len(b.pairs), b.sharpness)
	b.sums, b.nNeg = room.Sized(b.sums, len(b.pairs)), room.Zeroed(b.nNeg, len(b.pairs))
	for k := range b.sums {
		b.sums[k] = logsum.One()
	}
}

// Passes implements [pair.Loss].
func (b *angularBlock) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (b *angularBlock) Fold(_ int, r *pair.Row) {
	for c, s := range r.Neg {
		if s > pair.NoPair {
			b.sums[r.Anchor].Add(b.logit(r, c, s))
			b.nNeg[r.Anchor]++
		}
	}
}

func (b *angularBlock) logit(r *pair.Row, c int, s float32) float64 {
	return b.sharpness*b.length(r, c)*float64(s) + b.self*b.pairs[r.Anchor].sim
}

func (b *angularBlock) length(r *pair.Row, c int) float64 {
	if b.lengths == nil {
		return 1
	}
	return float64(b.lengths[r.Column(c)])
}

// IsFast implements [pair.Fast].
func (b *angularBlock) IsFast() bool { return b.lengths == nil }

// EndParts implements [pair.Fast].
func (b *angularBlock) EndParts() {
	for k, q := range b.pairs {
		b.nNeg[k] += b.join(&b.sums[k], k, b.self*q.sim)
	}
}

// Factor implements [pair.Fast].
func (b *angularBlock) Factor(part, k int) float64 {
	q := &b.pairs[k]
	return b.sharpness * q.scale * b.share(part, k, b.self*q.sim, b.sums[k].Value())
}

// EndPass implements [pair.Loss].
func (b *angularBlock) EndPass(int) {
	for k := range b.pairs {
		b.pairs[k].pull = -math.Expm1(-b.sums[k].Value())
	}
}

// Summary implements [pair.Loss].
func (b *angularBlock) Summary() pair.Summary { return pair.Summary{} }

// Weigh implements [pair.Loss].
func (b *angularBlock) Weigh(w []float32, r *pair.Row) {
	sum, scale := b.sums[r.Anchor].Value(), b.sharpness*b.pairs[r.Anchor].scale
	for c, s := range r.Neg {
		if s > pair.NoPair {
			w[c] = float32(scale * b.length(r, c) * logsum.Share(b.logit(r, c, s), sum))
		}
	}
}
