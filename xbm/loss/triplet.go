package loss

import (
	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// Triplet wants each negative farther from the anchor than each positive, by a
// margin.
//
//	Kilian Q. Weinberger, John Blitzer, Lawrence K. Saul. Distance Metric
//	Learning for Large Margin Nearest Neighbor Classification. NeurIPS 2005.
//	https://papers.nips.cc/paper/2795-distance-metric-learning-for-large-margin-nearest-neighbor-classification
//	Florian Schroff, Dmitry Kalenichenko, James Philbin. FaceNet: A Unified
//	Embedding for Face Recognition and Clustering. CVPR 2015.
//	https://arxiv.org/abs/1503.03832 (equation 2)
//
// A triplet's loss is [v]₊, or with Smooth log(1+eᵛ), of v = d(a,p) - d(a,n) +
// Margin, with the Euclidean distance d of unit rows, not squared, or with cosine
// similarity v = s(a,n) - s(a,p) + Margin. The value is the mean over the
// triplets whose loss is not zero, of all triplets or of those that a miner
// chose.
//
// Triplets are not listed. The positives of an anchor are sorted once, and each
// negative finds by search those that it violates, so that all triplets take
// M log P steps an anchor; it keeps 36 bytes a positive. Smooth sums are taken
// over polynomials of the negatives' distances instead, M+P steps an anchor; only
// triplets that a miner chose are then taken one by one.
type Triplet struct {
	Margin    float64 // from 0 to 2; usual: 0.05 by distance, 0.1 by cosine
	Euclidean bool
	Smooth    bool
	// Swap takes d(p,n) for d(a,n) where that is the smaller one:
	//
	//	Vassileios Balntas, Edgar Riba, Daniel Ponsa, Krystian Mikolajczyk.
	//	Learning local feature descriptors with triplets and shallow
	//	convolutional neural networks. BMVC 2016.
	//
	// Within a batch only: of two rows of a memory neither can move.
	Swap bool

	problem *pair.Problem
	anchors []tripletAnchor
	parts   []tripletSums // by part of the columns
	summary pair.Summary
	scale   float64 // 1 over the triplets that count
	swapped []float64
	swept   *pair.Sweep
}

// tripletAnchor keeps the positives, by rank.
type tripletAnchor struct {
	pos    apart.Ranking
	aparts []float64
	sums   []float64 // of aparts before each rank; hinge only
	smooth smoothNegatives
	swaps  []tripletSwap
	bounds []float32 // similarities that negatives must be above to be too near, by rank

	tripletSums
}

// tripletSums is what an anchor's triplets add up to.
type tripletSums struct {
	pull     []float64 // Σ ∂loss/∂v over the triplets of each positive, by rank; the hinge's are counts, and differences while being counted
	value    float64
	triplets int
	nNeg     int // negatives that are part of one
}

// NewTriplet returns the loss with its usual margin: 0.05 by distance, 0.1 by cosine.
func NewTriplet(euclidean bool) *Triplet {
	if euclidean {
		return &Triplet{Euclidean: true, Margin: 0.05}
	}
	return &Triplet{Margin: 0.1}
}

// Validate returns an error that names the first parameter out of its range.
func (l *Triplet) Validate() error { return spec.Check(kind, "triplet", l.fields()) }

func (l *Triplet) fields() []spec.Field {
	return []spec.Field{{Key: "margin", At: &l.Margin, Range: spec.From(0, 2)}, {Key: "smooth", At: &l.Smooth}, {Key: "swap", At: &l.Swap}}
}

// Traits implements [pair.Described].
func (l *Triplet) Traits() pair.Traits {
	t := pair.Traits{Euclidean: l.Euclidean, Triplets: true}
	if l.Swap {
		t.BatchOnly = errSwap
	}
	return t
}

// Begin implements [pair.Loss].
func (l *Triplet) Begin(p *pair.Problem) {
	l.problem = p
	l.anchors = room.Sized(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		a := &l.anchors[i]
		*a = tripletAnchor{pos: a.pos[:0], aparts: a.aparts, sums: a.sums, swaps: a.swaps[:0], bounds: a.bounds[:0], tripletSums: tripletSums{pull: a.pull}}
	}
	if l.Swap {
		l.beginSwap()
	}
}

// Passes implements [pair.Loss]: one for the positives, one for the negatives.
func (l *Triplet) Passes() int { return 2 }

// Fold implements [pair.Loss].
func (l *Triplet) Fold(pass int, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	switch {
	case pass == 0:
		a.pos.Add(r)
	case len(a.pos) == 0:
	case l.Swap:
		l.foldSwap(a, r)
	case l.Smooth:
		l.foldSmooth(a, r)
	default:
		l.foldHinge(a, r)
	}
}

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

// EndPass implements [pair.Loss].
func (l *Triplet) EndPass(pass int) {
	if pass == 0 {
		for i := range l.anchors {
			l.ready(&l.anchors[i], i)
		}
		return
	}
	if l.Swap {
		l.endSwap()
	}
	l.summary, l.scale = pair.Summary{}, 0
	triplets := 0
	for i := range l.anchors {
		a := &l.anchors[i]
		if l.Smooth && !l.Swap {
			l.endSmooth(a)
		} else if !l.Swap {
			for k := 1; k < len(a.pull); k++ {
				a.pull[k] += a.pull[k-1]
			}
		}
		l.summary.Value += a.value
		triplets += a.triplets
		l.summary.ActiveNegatives += a.nNeg
		for _, pull := range a.pull[:len(a.pos)] {
			if pull > 0 {
				l.summary.ActivePositives++
			}
		}
	}
	if triplets > 0 {
		l.scale = 1 / float64(triplets)
		l.summary.Value *= l.scale
	}
}

// ready prepares the anchor's positives for the negatives.
func (l *Triplet) ready(a *tripletAnchor, anchor int) {
	a.pos.Sort()
	a.aparts = a.pos.Aparts(a.aparts, l.Euclidean, l.problem, anchor)
	a.pull = room.Zeroed(a.pull, len(a.pos)+1)
	if l.Euclidean {
		a.smooth.interval = 1 // distances are from 0 to 2, negative similarities from -1 to 1
	}
	a.sums = room.Sized(a.sums, len(a.pos)+1)
	a.sums[0] = 0
	for k, x := range a.aparts {
		a.sums[k+1] = a.sums[k] + x
	}
}

// Summary implements [pair.Loss].
func (l *Triplet) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss].
func (l *Triplet) Weigh(w []float32, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	switch {
	case l.Swap:
		l.weighSwap(w, r)
		return
	case len(a.pos) == 0 || l.scale == 0:
		return
	}
	for _, p := range r.Pos {
		rank := a.pos.Rank(r, p)
		w[p.Col] = float32(l.scale * a.pull[rank] * apart.Slope(l.Euclidean, a.aparts[rank]))
	}
	if l.Smooth {
		l.weighSmooth(w, a, r)
		return
	}
	least := l.least(a)
	for c, s := range r.Neg {
		if s <= least {
			continue
		}
		x := r.Apart(l.Euclidean, c, s)
		push := 0
		l.violated(a, r, c, x, func(lo, hi int) { push += hi - lo })
		if push > 0 {
			w[c] = float32(-l.scale * float64(push) * apart.Slope(l.Euclidean, x))
		}
	}
}
