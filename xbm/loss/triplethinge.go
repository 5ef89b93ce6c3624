package loss

import (
	"math"
	"slices"

	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// mostBounds is the most positives for which a tile is compared with one after
// the other, many negatives at a time, in place of a search for each negative.
const mostBounds = 64

// boundsBlock is how many anchors a thread takes the bounds of at a time.
const boundsBlock = 8

// foldHinge takes in the negatives.
func (l *Triplet) foldHinge(a *tripletAnchor, r *pair.Row) {
	least := l.least(a)
	for c, s := range r.Neg {
		if s > least {
			l.hinge(a, &a.tripletSums, r, c, s)
		}
	}
}

// hinge takes one negative into q and returns the number of its triplets.
func (l *Triplet) hinge(a *tripletAnchor, q *tripletSums, r *pair.Row, c int, s float32) (triplets int) {
	x := r.Apart(l.Euclidean, c, s)
	l.violated(a, r, c, x, func(lo, hi int) {
		q.value += a.sums[hi] - a.sums[lo] + float64(hi-lo)*(l.Margin-x)
		triplets += hi - lo
		q.pull[lo]++
		q.pull[hi]--
	})
	q.triplets += triplets
	if triplets > 0 {
		q.nNeg++
	}
	return triplets
}

// violated calls visit with the ranges of ranks of the positives that violate the
// margin with the negative at column c, which is x apart.
func (l *Triplet) violated(a *tripletAnchor, r *pair.Row, c int, x float64, visit func(lo, hi int)) {
	first := apart.FirstAbove(a.aparts, x-l.Margin)
	lo, hi := first, len(a.aparts)
	if r.Partners != nil {
		list, from, to := r.Partners.Partners(r, c)
		if list != nil {
			for _, rank := range list[from:to] {
				if int(rank) >= first {
					visit(int(rank), int(rank)+1)
				}
			}
			return
		}
		lo, hi = max(lo, from), to
	}
	if lo < hi {
		visit(lo, hi)
	}
}

// least is a similarity at or under which no negative violates the margin.
func (l *Triplet) least(a *tripletAnchor) float32 {
	return max(pair.NoPair, apart.LeastWithin(l.Euclidean, a.aparts[len(a.aparts)-1]+l.Margin))
}

// IsFast implements [pair.Fast].
func (l *Triplet) IsFast() bool { return !l.Smooth && !l.Swap }

// BeginParts implements [pair.Fast].
func (l *Triplet) BeginParts(parts int) {
	n := len(l.anchors)
	l.parts = room.Sized(l.parts, parts*n)
	for k := range l.parts {
		l.parts[k] = tripletSums{pull: room.Zeroed(l.parts[k].pull, len(l.anchors[k%n].pos)+1)}
	}
	kernel.Parallel(kernel.Blocks(n, boundsBlock), func(b int) {
		for i := b * boundsBlock; i < min(n, (b+1)*boundsBlock); i++ {
			if a := &l.anchors[i]; len(a.pos) <= mostBounds {
				l.bound(a, i)
			}
		}
	})
}

// bound takes the bounds of an anchor's negatives.
func (l *Triplet) bound(a *tripletAnchor, anchor int) {
	miner, isMined := a.partners.(pair.IntervalMiner)
	for rank, x := range a.aparts {
		bound := apart.LastWithout(func(s float32) bool { return x > apart.BySim(l.Euclidean, s)-l.Margin })
		if isMined {
			above, upTo := miner.Interval(anchor, rank)
			if bound = max(bound, above); upTo <= bound {
				bound, upTo = math.MaxFloat32, math.MaxFloat32 // none
			}
			a.upTo = append(a.upTo, upTo)
		}
		a.bounds = append(a.bounds, bound)
	}
}

// WeighPart implements [pair.Fast].
func (l *Triplet) WeighPart(part int, r *pair.Row, w []float32) (stored int, keep float32) {
	a, q := &l.anchors[r.Anchor], &l.parts[part*len(l.anchors)+r.Anchor]
	if len(a.pos) == 0 {
		return 0, 1
	}
	l.count(a, q, r)
	bound := l.least(a)
	if l.Euclidean && len(a.bounds) > 0 {
		bound = max(bound, apart.BelowNearlyOne)
	}
	if l.Euclidean || len(a.bounds) == 0 {
		// One by one: all, or those so near that their distance takes the rows.
		for _, place := range r.Places[:kernel.FindAbove(r.Places, r.Neg, bound)] {
			c := int(place)
			r.Pos = append(r.Pos, pair.Positive{Col: c, Sim: r.Neg[c]})
			r.Neg[c] = pair.NoPair
		}
	}
	switch {
	case len(a.upTo) > 0:
		stored = l.hingesBetween(a, q, r, w)
	case len(a.bounds) > 0:
		stored = l.hinges(a, q, r, w)
	}
	for _, p := range r.Pos {
		w[p.Col], r.Neg[p.Col] = 0, p.Sim
		if push := l.hinge(a, q, r, p.Col, p.Sim); push > 0 {
			w[p.Col] = float32(-float64(push) * apart.Slope(l.Euclidean, r.Apart(l.Euclidean, p.Col, p.Sim)))
			stored++
		}
	}
	return stored, 1
}

// hinges is hinge for all negatives of the row at once.
func (l *Triplet) hinges(a *tripletAnchor, q *tripletSums, r *pair.Row, w []float32) (stored int) {
	for rank, bound := range a.bounds {
		stored = kernel.MarkAbove(w, r.Neg, bound) // no fewer than for the rank before
		q.pull[rank] += float64(stored)
		q.pull[rank+1] -= float64(stored)
		q.triplets += stored
		q.value += float64(stored) * (a.aparts[rank] + l.Margin)
	}
	q.nNeg += stored
	if stored > 0 {
		l.pushes(q, r, w)
	}
	return stored
}

// hingesBetween is hinges where each rank's negatives are up to a similarity.
func (l *Triplet) hingesBetween(a *tripletAnchor, q *tripletSums, r *pair.Row, w []float32) (stored int) {
	beyond, some := r.Scratch, 0
	clear(beyond)
	for rank, bound := range a.bounds {
		if bound == math.MaxFloat32 {
			continue
		}
		count := kernel.MarkAbove(w, r.Neg, bound)
		if upTo := a.upTo[rank]; count > 0 && upTo < 2 {
			count -= kernel.MarkAbove(beyond, r.Neg, upTo)
		}
		q.pull[rank] += float64(count)
		q.pull[rank+1] -= float64(count)
		q.triplets += count
		q.value += float64(count) * (a.aparts[rank] + l.Margin)
		some += count
	}
	if some == 0 {
		clear(w)
		return 0
	}
	kernel.Axpy(w, -1, beyond)
	stored = kernel.CountAbove(w, 0)
	q.nNeg += stored
	l.pushes(q, r, w)
	return stored
}

// pushes turns the numbers of the negatives' triplets into weights.
func (l *Triplet) pushes(q *tripletSums, r *pair.Row, w []float32) {
	kernel.Raise(r.Neg, pair.NoPair) // what is no pair must not make a product NaN
	if !l.Euclidean {
		q.value += float64(kernel.Dot(w, r.Neg))
		return
	}
	d := r.Scratch
	kernel.Chord(d, r.Neg)
	q.value -= float64(kernel.Dot(w, d))
	kernel.Divide(w, w, d)
}

// Bound implements [pair.Bounded].
func (l *Triplet) Bound(_, _, anchor int) float32 {
	switch a := &l.anchors[anchor]; {
	case len(a.pos) == 0:
		return float32(math.Inf(1))
	case l.Reduction == OverPairs:
		return pair.NoPair // all are counted
	case len(a.upTo) > 0:
		bound := max(l.least(a), slices.Min(a.bounds))
		if l.Euclidean {
			return min(bound, apart.BelowNearlyOne)
		}
		return bound
	default:
		return l.least(a)
	}
}

// EndParts implements [pair.Fast].
func (l *Triplet) EndParts() {
	n := len(l.anchors)
	for k := range l.parts {
		a, q := &l.anchors[k%n], &l.parts[k]
		for rank, pull := range q.pull {
			a.pull[rank] += pull
		}
		a.value += q.value
		a.triplets += q.triplets
		a.all += q.all
		a.nNeg += q.nNeg
	}
}

// Factor implements [pair.Fast].
func (l *Triplet) Factor(int, int) float64 { return l.scale }

// Prepare implements [pair.Swept].
func (l *Triplet) Prepare(s *pair.Sweep) bool {
	s.Weighting, s.Euclidean, s.Margin = pair.WeighRanked, l.Euclidean, l.Margin
	s.Aparts, s.First = s.Aparts[:0], s.First[:0]
	for i := range l.anchors {
		s.First = append(s.First, int32(len(s.Aparts)))
		for _, x := range l.anchors[i].aparts[:len(l.anchors[i].pos)] {
			s.Aparts = append(s.Aparts, float32(x))
		}
	}
	s.First = append(s.First, int32(len(s.Aparts)))
	s.Ranks = room.Zeroed(s.Ranks, len(s.Aparts))
	l.swept = s
	return l.IsFast() && l.Reduction != OverPairs // which counts the others too
}

// JoinPart implements [pair.Swept]. The counts by rank are those of all parts, and go
// to the first.
func (l *Triplet) JoinPart(part, anchor int, s pair.Sums) {
	a, q := &l.anchors[anchor], &l.parts[part*len(l.anchors)+anchor]
	q.value = -float64(s.Sum)
	if part > 0 {
		return
	}
	positives := len(a.pos)
	for rank, count := range l.swept.Ranks[l.swept.First[anchor]:l.swept.First[anchor+1]] {
		if count == 0 {
			continue
		}
		times := float64(count)
		q.pull[rank] += times
		q.pull[positives] -= times
		q.triplets += int(count) * (positives - rank)
		q.nNeg += int(count)
		q.value += times * (a.sums[positives] - a.sums[rank] + float64(positives-rank)*l.Margin)
	}
}
