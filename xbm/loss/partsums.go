package loss

import (
	"math"

	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/internal/logsum"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// partSums are the sums Σ e^(sharpness·x) of the anchors' negatives by part, for
// losses whose weights are the shares of such a sum.
type partSums struct {
	sharpness float64
	n         int
	parts     []partSum
}

// partSum is a sum of e^(sharpness·(x-top)).
type partSum struct {
	top   float32
	sum   float64
	count int
}

// begin forgets what was, for n anchors.
func (p *partSums) begin(parts, n int, sharpness float64) {
	p.sharpness, p.n = sharpness, n
	p.parts = room.Zeroed(p.parts, parts*n)
	for k := range p.parts {
		p.parts[k].top = float32(math.Inf(-1))
	}
}

// add takes in the row's negatives, x being their similarity, and stores each
// one's e^(sharpness·(x-top)) in w.
func (p *partSums) add(part int, r *pair.Row, w []float32) (stored int, keep float32) {
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

// join adds an anchor's sum to l, with shift for x → sharpness·x+shift, and
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

// addDistances is add with sharpness -1 for x the Euclidean distances. With slopes,
// what it stores is divided by the distance; at distance 0 it is 0.
func (p *partSums) addDistances(part int, r *pair.Row, w []float32, slopes bool) (stored int, keep float32) {
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
	if !slopes {
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

// set is add for a part whose sum was taken elsewhere, of logits sharpness·x.
func (p *partSums) set(part, anchor int, s pair.Sums) {
	p.parts[part*p.n+anchor] = partSum{top: float32(float64(s.Top) / p.sharpness), sum: float64(s.Sum), count: int(s.Count)}
}
