package loss

import (
	"math"

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
	summary pair.Summary
}

// histogramPair is a histogram of an anchor's positives, and one of its
// negatives, by edges.
type histogramPair struct {
	pos, neg   []float64
	nPos, nNeg int
}

func histogramPairs(s []histogramPair, n, edges int) []histogramPair {
	s = room.Sized(s, n)
	for i := range s {
		s[i] = histogramPair{pos: room.Zeroed(s[i].pos, edges), neg: room.Zeroed(s[i].neg, edges)}
	}
	return s
}

// fold takes in a row; place says where a similarity falls, counted in bins.
func (h *histogramPair) fold(r *pair.Row, place func(s float32) float64) {
	for _, p := range r.Pos {
		at, part := edge(place(p.Sim), len(h.pos))
		h.pos[at] += 1 - part
		h.pos[at+1] += part
	}
	h.nPos += len(r.Pos)
	for _, s := range r.Neg {
		if s > pair.NoPair {
			at, part := edge(place(s), len(h.neg))
			h.neg[at] += 1 - part
			h.neg[at+1] += part
			h.nNeg++
		}
	}
}

// weigh turns slopes by histograms into weights; slope is ∂place/∂s.
func (h *histogramPair) weigh(w []float32, r *pair.Row, place func(s float32) float64, slope float64) {
	for _, p := range r.Pos {
		at, _ := edge(place(p.Sim), len(h.pos))
		w[p.Col] = float32((h.pos[at+1] - h.pos[at]) * slope)
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			at, _ := edge(place(s), len(h.neg))
			w[c] = float32((h.neg[at+1] - h.neg[at]) * slope)
		}
	}
}

// edge is the edge before a place, with the part that falls to the one after.
func edge(place float64, edges int) (at int, part float64) {
	at = min(edges-2, max(0, int(math.Floor(place))))
	return at, min(1, max(0, place-float64(at)))
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
}

// Passes implements [pair.Loss].
func (l *FastAP) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *FastAP) Fold(_ int, r *pair.Row) { l.anchors[r.Anchor].fold(r, l.place) }

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
		l.slopes[r.Anchor].weigh(w, r, l.place, -float64(l.Bins)/2)
	}
}

// place is that of the squared distance 2-2s.
func (l *FastAP) place(s float32) float64 { return (2 - 2*float64(s)) / 4 * float64(l.Bins) }
