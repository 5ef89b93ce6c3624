package loss

import (
	"math"

	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// FastAP is one minus each anchor's average precision, its ranks smoothed by
// histograms of distances.
//
//	Fatih Cakir, Kun He, Xide Xia, Brian Kulis, Stan Sclaroff. Deep Metric
//	Learning to Rank. CVPR 2019. (equation 8)
//	https://openaccess.thecvf.com/content_CVPR_2019/html/Cakir_Deep_Metric_Learning_to_Rank_CVPR_2019_paper.html
//
// Squared distances, from 0 to 4, fall into Bins bins with linear weights on the
// two edges next to them. With h⁺ the histogram of an anchor's positives, H⁺ and
// H the cumulative ones of positives and of all pairs, its loss is
// 1 - 1/P·Σ h⁺H⁺/H; the value is the mean over the anchors that have positives.
type FastAP struct {
	Bins      int       // from 1 to 1000; usual: 10
	Reduction Reduction // usual: OverPairs, the anchors that have positives

	anchors []histogramPair
	slopes  []histogramPair // ∂L/∂ the anchors' histograms
	bounds  []float32       // similarities that negatives must be above to matter
	summary pair.Summary
}

// Validate returns an error that names the first parameter out of its range.
func (l *FastAP) Validate() error { return spec.Check(kind, "fast-ap", l.fields()) }

func (l *FastAP) fields() []spec.Field {
	return []spec.Field{{Key: "bins", At: &l.Bins, Range: spec.From(1, 1000)}, reductionField(&l.Reduction, OverPairs)}
}

// Traits implements [pair.Described].
func (l *FastAP) Traits() pair.Traits { return pair.Traits{Euclidean: true} }

// Begin implements [pair.Loss].
func (l *FastAP) Begin(p *pair.Problem) {
	l.anchors = histogramPairs(l.anchors, len(p.Anchors.Labels), l.Bins+1)
	l.slopes = histogramPairs(l.slopes, len(p.Anchors.Labels), l.Bins+1)
	l.bounds = room.Sized(l.bounds, len(l.anchors))
}

// Passes implements [pair.Loss].
func (l *FastAP) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *FastAP) Fold(_ int, r *pair.Row) { l.anchors[r.Anchor].fold(r, l.binning()) }

// EndPass implements [pair.Loss].
func (l *FastAP) EndPass(int) {
	l.summary = pair.Summary{}
	count := 0.0
	for i := range l.anchors {
		if l.anchors[i].nPos > 0 {
			count++
		}
	}
	reduce := l.Reduction.or(OverPairs)
	count = max(1, reduce.divisor(1, count, len(l.anchors)))
	active := 0.0
	for i := range l.anchors {
		a := &l.anchors[i]
		if a.nPos == 0 {
			continue
		}
		loss := 1 - l.precision(a, &l.slopes[i], count)
		if loss > rounding {
			active++
		}
		l.summary.Value += loss / count
		l.summary.ActivePositives += a.nPos
		l.summary.ActiveNegatives += a.nNeg
	}
	if reduce == OverActive && active > 0 {
		l.summary.Value /= active
		for i := range l.slopes {
			divide(l.slopes[i].pos, active)
			divide(l.slopes[i].neg, active)
		}
	}
	for i := range l.slopes {
		l.slopes[i].ready(l.binning().scale)
	}
}

// precision is the anchor's average precision; it stores the slopes of the loss,
// which is a mean over count anchors.
func (l *FastAP) precision(a, slopes *histogramPair, count float64) (ap float64) {
	n := float64(a.nPos)
	var pos, all float64
	for q := range a.pos {
		pos += a.pos[q]
		all += a.pos[q] + a.neg[q]
		if all > 0 {
			ap += a.pos[q] * pos / all / n
			slopes.pos[q] = -pos / all / n / count
		}
	}
	// What a pair adds to the cumulative sums from its edge on.
	var viaPos, viaNeg float64
	for q := len(a.pos) - 1; q >= 0; q-- {
		if all > 0 {
			viaPos -= a.pos[q] * (1/all - pos/(all*all)) / n / count
			viaNeg += a.pos[q] * pos / (all * all) / n / count
		}
		slopes.pos[q] += viaPos
		slopes.neg[q] = viaNeg
		pos -= a.pos[q]
		all -= a.pos[q] + a.neg[q]
	}
	return ap
}

// Summary implements [pair.Loss].
func (l *FastAP) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss].
func (l *FastAP) Weigh(w []float32, r *pair.Row) {
	if l.anchors[r.Anchor].nPos > 0 {
		l.slopes[r.Anchor].weigh(w, r, l.binning())
	}
}

// binning is by the squared distance 2-2s.
func (l *FastAP) binning() binning {
	return binning{scale: -float64(l.Bins) / 2, shift: float64(l.Bins) / 2, bins: l.Bins}
}

// IsFast implements [pair.Fast].
func (l *FastAP) IsFast() bool { return true }

// BeginParts implements [pair.Fast].
func (l *FastAP) BeginParts(int) {
	for i := range l.anchors {
		l.anchors[i].begin()
		l.bounds[i] = l.bound(&l.anchors[i])
	}
}

// bound is a similarity at or under which negatives make no difference: they are farther
// than the last edge that a positive is next to.
func (l *FastAP) bound(a *histogramPair) float32 {
	if a.nPos == 0 {
		return float32(math.Inf(1))
	}
	if a.lastPos >= l.Bins {
		return pair.NoPair
	}
	return apart.LastWithout(func(s float32) bool { return l.binning().place(s) < float64(a.lastPos+1) })
}

// Bound implements [pair.Bounded].
func (l *FastAP) Bound(_, _, anchor int) float32 { return l.bounds[anchor] }

// CountNegatives implements [pair.Counted].
func (l *FastAP) CountNegatives(negatives func(anchor int) int) { countNegatives(l.anchors, negatives) }

// FoldPart implements [pair.FoldedFast].
func (l *FastAP) FoldPart(_, _ int, r *pair.Row) { l.anchors[r.Anchor].foldPart(r, l.binning()) }

// EndParts implements [pair.Fast].
func (l *FastAP) EndParts() {
	for i := range l.anchors {
		l.anchors[i].end()
	}
}

// WeighPart implements [pair.Fast].
func (l *FastAP) WeighPart(_ int, r *pair.Row, w []float32) (stored int, keep float32) {
	if l.anchors[r.Anchor].nPos == 0 {
		return 0, 1
	}
	return l.slopes[r.Anchor].weighPart(w, r, l.binning(), l.bounds[r.Anchor]), 1
}

// Factor implements [pair.Fast].
func (l *FastAP) Factor(int, int) float64 { return 1 }
