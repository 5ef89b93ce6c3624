package loss

import (
	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
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
	Swap      bool
	Reduction Reduction // usual: OverActive

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
	// Similarities that negatives must be above to be too near, and up to which they must
	// be to be of a triplet, by rank. No upTo: all are.
	bounds, upTo []float32
	partners     pair.Partners // of a miner

	tripletSums
}

// tripletSums is what an anchor's triplets add up to.
type tripletSums struct {
	pull     []float64 // Σ ∂loss/∂v over the triplets of each positive, by rank; the hinge's are counts, and differences while being counted
	value    float64
	triplets int // that are not zero
	all      int // zero or not, where OverPairs asks
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
	return []spec.Field{{Key: "margin", At: &l.Margin, Range: spec.From(0, 2)}, {Key: "smooth", At: &l.Smooth}, {Key: "swap", At: &l.Swap}, reductionField(&l.Reduction, OverActive)}
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
		*a = tripletAnchor{pos: a.pos[:0], aparts: a.aparts, sums: a.sums, swaps: a.swaps[:0], bounds: a.bounds[:0], upTo: a.upTo[:0], tripletSums: tripletSums{pull: a.pull}}
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
	a.partners = r.Partners
	switch {
	case pass == 0:
		a.pos.Add(r)
	case len(a.pos) == 0:
	case l.Swap:
		l.count(a, &a.tripletSums, r)
		l.foldSwap(a, r)
	case l.Smooth:
		l.foldSmooth(a, r)
	default:
		l.count(a, &a.tripletSums, r)
		l.foldHinge(a, r)
	}
}

// count counts the triplets of a row's negatives, where the reduction asks for it.
func (l *Triplet) count(a *tripletAnchor, q *tripletSums, r *pair.Row) {
	if l.Reduction != OverPairs {
		return
	}
	if r.Partners == nil {
		q.all += kernel.CountAbove(r.Neg, pair.NoPair) * len(a.pos)
		return
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			chosen(r, c, func(int) { q.all++ })
		}
	}
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
	l.summary = pair.Summary{}
	triplets, all := 0, 0
	for i := range l.anchors {
		a := &l.anchors[i]
		if l.Smooth && !l.Swap {
			l.endSmooth(a)
			a.all = a.triplets
		} else if !l.Swap {
			for k := 1; k < len(a.pull); k++ {
				a.pull[k] += a.pull[k-1]
			}
		}
		l.summary.Value += a.value
		triplets += a.triplets
		all += a.all
		l.summary.ActiveNegatives += a.nNeg
		for _, pull := range a.pull[:len(a.pos)] {
			if pull > 0 {
				l.summary.ActivePositives++
			}
		}
	}
	l.scale = l.Reduction.or(OverActive).scale(float64(triplets), float64(all), len(l.anchors))
	l.summary.Value *= l.scale
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
