package loss

import (
	"math"

	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/internal/logsum"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// partSums are the sums Σ e^(sharpness·s) over the similarities s of the anchors'
// negatives, by part of the columns. Embedded in a loss whose weights are the shares of
// such a sum, they are most of [pair.Fast]: the loss begins them, joins them, and says by
// which factor a share counts.
type partSums struct {
	sharpness float64
	n         int // anchors
	parts     []partSum
}

// partSum is a sum of e^(sharpness·(x-top)).
type partSum struct {
	top   float32
	sum   float64
	count int
}

// begin is for n anchors.
func (p *partSums) begin(n int, sharpness float64) { p.n, p.sharpness = n, sharpness }

// IsFast implements [pair.Fast].
func (p *partSums) IsFast() bool { return true }

// BeginParts implements [pair.Fast].
func (p *partSums) BeginParts(parts int) {
	p.parts = room.Zeroed(p.parts, parts*p.n)
	for k := range p.parts {
		p.parts[k].top = float32(math.Inf(-1))
	}
}

// WeighPart implements [pair.Fast]: it stores each negative's e^(sharpness·(s-top)).
func (p *partSums) WeighPart(part int, r *pair.Row, w []float32) (stored int, keep float32) {
	a := &p.parts[part*p.n+r.Anchor]
	keep = 1
	high := kernel.Max(r.Neg)
	if high <= pair.NoPair {
		return 0, 1
	}
	if high > a.top {
		// e^-Inf·0 is 0: an empty sum needs no case of its own.
		keep = float32(math.Exp(p.sharpness * float64(a.top-high)))
		a.sum *= float64(keep)
		a.top = high
	}
	a.count += kernel.CountAbove(r.Neg, pair.NoPair)
	a.sum += float64(kernel.Exp(w, r.Neg, a.top, float32(p.sharpness)))
	return len(w), keep
}

// join adds an anchor's sum to l, with shift for s → sharpness·s+shift, and
// returns the number of its terms.
func (p *partSums) join(l *logsum.Sum, anchor int, shift float64) (count int) {
	for k := anchor; k < len(p.parts); k += p.n {
		a := &p.parts[k]
		if a.count > 0 {
			l.Join(logsum.Sum{Top: p.sharpness*float64(a.top) + shift, Terms: a.sum})
			count += a.count
		}
	}
	return count
}

// share is the share that a part's e^0 has of the sum with logarithm log, all
// shifted.
func (p *partSums) share(part, anchor int, shift, log float64) float64 {
	a := &p.parts[part*p.n+anchor]
	if a.count == 0 {
		return 0
	}
	return logsum.Share(p.sharpness*float64(a.top)+shift, log)
}

// distanceSums are [partSums] of e^-d over Euclidean distances d.
type distanceSums struct {
	partSums
	sumsOnly bool // no weights are wanted
}

func (p *distanceSums) begin(n int) { p.partSums.begin(n, -1) }

// WeighPart implements [pair.Fast]: it stores each negative's e^-d/d, and 0 where d is 0.
func (p *distanceSums) WeighPart(part int, r *pair.Row, w []float32) (stored int, keep float32) {
	a := &p.parts[part*p.n+r.Anchor]
	a.top = 0
	a.count += kernel.CountAbove(r.Neg, pair.NoPair)
	d := r.Scratch
	kernel.Chord(d, r.Neg)
	near := r.Places[:kernel.FindAbove(r.Places, r.Neg, apart.BelowNearlyOne)]
	for _, c := range near {
		d[c] = float32(r.Distance(int(c), r.Neg[c]))
	}
	a.sum += float64(kernel.Exp(w, d, 0, float32(p.sharpness)))
	if p.sumsOnly {
		return len(w), 1
	}
	kernel.Divide(w, w, d)
	for _, c := range near {
		if d[c] == 0 {
			w[c] = 0
		}
	}
	return len(w), 1
}

// Prepare implements [pair.Swept].
func (p *partSums) Prepare(s *pair.Sweep) bool {
	s.Weighting, s.Sharpness = pair.WeighExp, p.sharpness
	return true
}

// JoinPart implements [pair.Swept]: of logits sharpness·x.
func (p *partSums) JoinPart(part, anchor int, s pair.Sums) {
	p.parts[part*p.n+anchor] = partSum{top: float32(float64(s.Top) / p.sharpness), sum: float64(s.Sum), count: int(s.Count)}
}

// Prepare implements [pair.Swept]: distances are not for a device.
func (p *distanceSums) Prepare(*pair.Sweep) bool { return false }
