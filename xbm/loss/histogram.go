package loss

import (
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
	l.slopes = histogramPair{pos: room.Zeroed(l.slopes.pos, l.Bins+1), neg: room.Zeroed(l.slopes.neg, l.Bins+1)}
}

// Passes implements [pair.Loss].
func (l *Histogram) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *Histogram) Fold(_ int, r *pair.Row) { l.anchors[r.Anchor].fold(r, l.place) }

// EndPass implements [pair.Loss].
func (l *Histogram) EndPass(int) {
	l.summary = pair.Summary{}
	all := histogramPair{pos: make([]float64, l.Bins+1), neg: make([]float64, l.Bins+1)}
	for i := range l.anchors {
		a := &l.anchors[i]
		all.nPos += a.nPos
		all.nNeg += a.nNeg
		for q := range a.pos {
			all.pos[q] += a.pos[q]
			all.neg[q] += a.neg[q]
		}
	}
	if all.nPos == 0 || all.nNeg == 0 {
		return
	}
	l.summary.ActivePositives, l.summary.ActiveNegatives = all.nPos, all.nNeg
	scale := 1 / (float64(all.nPos) * float64(all.nNeg))
	below, above := 0.0, float64(all.nNeg)
	for q := range all.pos {
		below += all.pos[q]
		l.summary.Value += all.neg[q] * below * scale
		l.slopes.neg[q] = below * scale
		l.slopes.pos[q] = above * scale
		above -= all.neg[q]
	}
}

// Summary implements [pair.Loss].
func (l *Histogram) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss].
func (l *Histogram) Weigh(w []float32, r *pair.Row) {
	l.slopes.weigh(w, r, l.place, float64(l.Bins)/2)
}

func (l *Histogram) place(s float32) float64 { return (float64(s) + 1) / 2 * float64(l.Bins) }
