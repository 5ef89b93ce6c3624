package loss

import (
	"math"

	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// Histogram is the probability that a random negative pair is more similar than a
// random positive one, by histograms of similarities.
//
//	Evgeniya Ustinova, Victor Lempitsky. Learning Deep Embeddings with Histogram
//	Loss. NeurIPS 2016. https://arxiv.org/abs/1611.00822 (equations 1, 2 and 5)
//
// Similarities, from -1 to 1, fall into Bins bins with linear weights on the two
// edges next to them. With the histograms h⁺ and h⁻ of all positive and of all
// negative pairs, each of sum 1, the value is Σ h⁻·(cumulative h⁺); it is 0 where
// either kind of pair is missing.
type Histogram struct {
	Bins int // from 1 to 1000; usual: 100

	anchors []histogramPair
	slopes  histogramPair
	bound   float32 // similarity that negatives must be above to matter
	summary pair.Summary
}

// Validate returns an error that names the first parameter out of its range.
func (l *Histogram) Validate() error { return spec.Check(kind, "histogram", l.fields()) }

func (l *Histogram) fields() []spec.Field {
	return []spec.Field{{Key: "bins", At: &l.Bins, Range: spec.From(1, 1000)}}
}

// Begin implements [pair.Loss].
func (l *Histogram) Begin(p *pair.Problem) {
	l.anchors = histogramPairs(l.anchors, len(p.Anchors.Labels), l.Bins+1)
	l.slopes.pos, l.slopes.neg = room.Zeroed(l.slopes.pos, l.Bins+1), room.Zeroed(l.slopes.neg, l.Bins+1)
	l.slopes.ready(0)
}

// Passes implements [pair.Loss].
func (l *Histogram) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *Histogram) Fold(_ int, r *pair.Row) { l.anchors[r.Anchor].fold(r, l.binning()) }

// EndPass implements [pair.Loss].
func (l *Histogram) EndPass(int) {
	l.summary = pair.Summary{}
	pos, neg, nPos, nNeg := make([]float64, l.Bins+1), make([]float64, l.Bins+1), 0, 0
	for i := range l.anchors {
		a := &l.anchors[i]
		nPos += a.nPos
		nNeg += a.nNeg
		for q := range a.pos {
			pos[q] += a.pos[q]
			neg[q] += a.neg[q]
		}
	}
	if nPos == 0 || nNeg == 0 {
		return
	}
	l.summary.ActivePositives, l.summary.ActiveNegatives = nPos, nNeg
	scale := 1 / (float64(nPos) * float64(nNeg))
	below, above := 0.0, 0.0
	for q := range pos {
		below += pos[q]
		l.summary.Value += neg[q] * below * scale
		l.slopes.neg[q] = below * scale
	}
	for q := l.Bins; q >= 0; q-- {
		above += neg[q]
		l.slopes.pos[q] = above * scale
	}
	l.slopes.ready(l.binning().scale)
}

// Summary implements [pair.Loss].
func (l *Histogram) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss].
func (l *Histogram) Weigh(w []float32, r *pair.Row) { l.slopes.weigh(w, r, l.binning()) }

func (l *Histogram) binning() binning {
	return binning{scale: float64(l.Bins) / 2, shift: float64(l.Bins) / 2, bins: l.Bins}
}

// IsFast implements [pair.Fast].
func (l *Histogram) IsFast() bool { return true }

// BeginParts implements [pair.Fast].
func (l *Histogram) BeginParts(int) {
	first := l.Bins + 1 // edge next to a positive of any anchor
	for i := range l.anchors {
		l.anchors[i].begin()
		first = min(first, l.anchors[i].firstPos)
	}
	switch {
	case first > l.Bins:
		l.bound = float32(math.Inf(1))
	case first <= 1:
		l.bound = pair.NoPair
	default:
		l.bound = apart.LastWithout(func(s float32) bool { return l.binning().place(s) >= float64(first-1) })
	}
}

// Bound implements [pair.Bounded]: negatives that are under the edges next to positives
// make no difference.
func (l *Histogram) Bound(int, int, int) float32 { return l.bound }

// CountNegatives implements [pair.Counted].
func (l *Histogram) CountNegatives(negatives func(anchor int) int) {
	countNegatives(l.anchors, negatives)
}

// FoldPart implements [pair.FoldedFast].
func (l *Histogram) FoldPart(_, _ int, r *pair.Row) { l.anchors[r.Anchor].foldPart(r, l.binning()) }

// EndParts implements [pair.Fast].
func (l *Histogram) EndParts() {
	for i := range l.anchors {
		l.anchors[i].end()
	}
}

// WeighPart implements [pair.Fast].
func (l *Histogram) WeighPart(_ int, r *pair.Row, w []float32) (stored int, keep float32) {
	return l.slopes.weighPart(w, r, l.binning(), l.bound), 1
}

// Factor implements [pair.Fast].
func (l *Histogram) Factor(int, int) float64 { return 1 }
