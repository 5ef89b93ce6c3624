package loss

import (
	"math"

	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// smoothAPPart is what an anchor's negatives in a part add up to, by rank of the
// positives.
type smoothAPPart struct {
	passed, slope []float64
	nNeg          int
}

// smoothGroup is positives so near each other that e^(s/Temperature), taken about their
// middle, does for all of them: σ of a negative and a positive is e/(e+f), with one e for
// each negative and one f for each positive.
type smoothGroup struct {
	from   int       // first rank
	middle float32   // similarity
	odds   []float32 // f, by rank from the first on
}

// groupSpread is how many temperatures a group is wide, so that its numbers stay well
// within float32.
const groupSpread = 60

// group sorts the anchor's positives into groups.
func (l *SmoothAP) group(a *smoothAPAnchor) {
	a.groups = a.groups[:0]
	for from, to := 0, 0; from < len(a.pos); from = to {
		high := float64(a.pos[from].Sim)
		for to = from; to < len(a.pos) && high-float64(a.pos[to].Sim) <= groupSpread*l.Temperature; {
			to++
		}
		g := smoothGroup{from: from, middle: float32((high + float64(a.pos[to-1].Sim)) / 2)}
		for _, p := range a.pos[from:to] {
			g.odds = append(g.odds, float32(math.Exp((float64(p.Sim)-float64(g.middle))/l.Temperature)))
		}
		a.groups = append(a.groups, g)
	}
}

// IsFast implements [pair.Fast].
func (l *SmoothAP) IsFast() bool { return true }

// BeginParts implements [pair.Fast].
func (l *SmoothAP) BeginParts(parts int) {
	n := len(l.anchors)
	l.parts = room.Sized(l.parts, parts*n)
	for k := range l.parts {
		q, positives := &l.parts[k], len(l.anchors[k%n].pos)
		*q = smoothAPPart{passed: room.Zeroed(q.passed, positives), slope: room.Zeroed(q.slope, positives)}
	}
	for i := range l.anchors {
		l.anchors[i].isCounted = false
	}
}

// CountNegatives implements [pair.Counted].
func (l *SmoothAP) CountNegatives(negatives func(anchor int) int) {
	for i := range l.anchors {
		l.anchors[i].nNeg, l.anchors[i].isCounted = negatives(i), true
	}
}

// Bound implements [pair.Bounded]: the first pass is for the positives, and σ is 0 of what
// is below all of them.
func (l *SmoothAP) Bound(_, pass, anchor int) float32 {
	if pass == 0 {
		return float32(math.Inf(1))
	}
	return l.least(&l.anchors[anchor])
}

// FoldPart implements [pair.FoldedFast].
func (l *SmoothAP) FoldPart(part, pass int, r *pair.Row) {
	a, q := &l.anchors[r.Anchor], &l.parts[part*len(l.anchors)+r.Anchor]
	if pass == 0 {
		return
	}
	if !a.isCounted {
		q.nNeg += kernel.CountAbove(r.Neg, pair.NoPair)
	}
	near, _ := l.nearNegatives(a, r)
	e := r.Scratch[:len(near)]
	for _, g := range a.groups {
		kernel.Exp(e, near, g.middle, float32(1/l.Temperature))
		for k, f := range g.odds {
			passed, slope := kernel.Sigmoids(e, f)
			q.passed[g.from+k] += float64(passed)
			q.slope[g.from+k] += float64(slope) / l.Temperature
		}
	}
}

// nearNegatives moves the similarities that matter to the front of r.Neg, and returns
// them with their places: nil, all.
func (l *SmoothAP) nearNegatives(a *smoothAPAnchor, r *pair.Row) (near []float32, places []int32) {
	found := kernel.FindAbove(r.Places, r.Neg, l.least(a))
	if 2*found > len(r.Neg) {
		return r.Neg, nil
	}
	places = r.Places[:found]
	for k, c := range places {
		r.Neg[k] = r.Neg[c]
	}
	return r.Neg[:found], places
}

// EndParts implements [pair.Fast].
func (l *SmoothAP) EndParts() {
	n := len(l.anchors)
	if !l.isRanked {
		return
	}
	for k := range l.parts {
		a, q := &l.anchors[k%n], &l.parts[k]
		for rank := range q.passed {
			a.passed[rank] += q.passed[rank]
			a.slope[rank] += q.slope[rank]
		}
		a.nNeg += q.nNeg
	}
}

// WeighPart implements [pair.Fast].
func (l *SmoothAP) WeighPart(_ int, r *pair.Row, w []float32) (stored int, keep float32) {
	a := &l.anchors[r.Anchor]
	near, places := l.nearNegatives(a, r)
	if len(near) == 0 {
		return 0, 1
	}
	e := r.Scratch[:len(near)]
	for _, g := range a.groups {
		kernel.Exp(e, near, g.middle, float32(1/l.Temperature))
		for k, f := range g.odds {
			kernel.AddSlopes(w[:len(near)], e, f, float32(a.passed[g.from+k]/l.Temperature))
		}
	}
	if places == nil {
		return len(w), 1
	}
	for k := len(places) - 1; k >= 0; k-- { // to where they belong, each behind what is left
		x := w[k]
		w[k] = 0
		w[places[k]] = x
	}
	return len(places), 1
}

// Factor implements [pair.Fast].
func (l *SmoothAP) Factor(int, int) float64 { return 1 }
