package loss

import (
	"math"

	"crossbatch/xbm/internal/logsum"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// NCA is neighbourhood components analysis: the probability that a random neighbour,
// drawn by distance, is of the anchor's class.
//
//	Jacob Goldberger, Sam Roweis, Geoffrey Hinton, Ruslan Salakhutdinov.
//	Neighbourhood Components Analysis. NeurIPS 2004.
//	https://papers.nips.cc/paper/2566-neighbourhood-components-analysis
//
// An anchor's loss is -log of the share of its positives in Σ exp(-Scale·d²) over
// all its pairs, with the Euclidean distance d of unit rows; the value is the
// mean over the anchors that have positives. Unlike in the paper, there is no
// linear map to be learnt here: that is the network's part.
type NCA struct {
	Scale float64 // above 0; usual: 1
	// WithoutPositives leaves the positives out of the sum over all pairs: the
	// form of the proxy loss's first paper. Anchors without negatives then have a
	// loss of 0.
	WithoutPositives bool
	Reduction        Reduction // usual: OverPairs, the anchors that have positives

	anchors []ncaAnchor
	summary pair.Summary
	mean    float64 // 1 over the anchors with positives

	partSums
}

type ncaAnchor struct {
	pos, all   logsum.Sum
	nPos, nNeg int
}

// Validate returns an error that names the first parameter out of its range.
func (l *NCA) Validate() error { return spec.Check(kind, "nca", l.fields()) }

func (l *NCA) fields() []spec.Field {
	return []spec.Field{{Key: "softmax_scale", At: &l.Scale, Range: spec.Above(0)}, reductionField(&l.Reduction, OverPairs)}
}

// Traits implements [pair.Described].
func (l *NCA) Traits() pair.Traits { return pair.Traits{Euclidean: true} }

// Begin implements [pair.Loss].
func (l *NCA) Begin(p *pair.Problem) {
	l.begin(len(p.Anchors.Labels), 2*l.Scale)
	l.anchors = room.Zeroed(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		l.anchors[i].pos, l.anchors[i].all = logsum.Empty(), logsum.Empty()
	}
}

// Passes implements [pair.Loss].
func (l *NCA) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *NCA) Fold(_ int, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		x := l.logit(p.Sim)
		a.pos.Add(x)
		if !l.WithoutPositives {
			a.all.Add(x)
		}
	}
	a.nPos += len(r.Pos)
	for _, s := range r.Neg {
		if s > pair.NoPair {
			a.all.Add(l.logit(s))
			a.nNeg++
		}
	}
}

// EndParts implements [pair.Fast].
func (l *NCA) EndParts() {
	for i := range l.anchors {
		l.anchors[i].nNeg += l.join(&l.anchors[i].all, i, l.logit(0))
	}
}

// Factor implements [pair.Fast].
func (l *NCA) Factor(part, anchor int) float64 {
	a := &l.anchors[anchor]
	if a.nPos == 0 || a.nNeg == 0 {
		return 0
	}
	return 2 * l.Scale * l.mean * l.share(part, anchor, l.logit(0), a.all.Value())
}

// EndPass implements [pair.Loss].
func (l *NCA) EndPass(int) {
	l.summary, l.mean = pair.Summary{}, 0
	count, active := 0.0, 0.0
	for i := range l.anchors {
		a := &l.anchors[i]
		if a.nPos == 0 {
			continue
		}
		count++
		if a.nNeg > 0 {
			active++
			l.summary.Value += a.all.Value() - a.pos.Value()
			l.summary.ActivePositives += a.nPos
			l.summary.ActiveNegatives += a.nNeg
		}
	}
	l.mean = l.Reduction.or(OverPairs).scale(active, count, len(l.anchors))
	l.summary.Value *= l.mean
}

// Summary implements [pair.Loss].
func (l *NCA) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss].
func (l *NCA) Weigh(w []float32, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	if a.nPos == 0 || a.nNeg == 0 {
		return
	}
	// ∂(-Scale·d²)/∂s = 2·Scale
	scale, pos, all := 2*l.Scale*l.mean, a.pos.Value(), a.all.Value()
	for _, p := range r.Pos {
		x := l.logit(p.Sim)
		part := logsum.Share(x, pos)
		if !l.WithoutPositives {
			part -= logsum.Share(x, all)
		}
		w[p.Col] = float32(-scale * part)
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			w[c] = float32(scale * math.Exp(l.logit(s)-all))
		}
	}
}

// logit is -Scale·d², d² being 2-2s.
func (l *NCA) logit(s float32) float64 { return -l.Scale * (2 - 2*float64(s)) }

// ProxyNCA is [NCA] with learned weights, one for each class, in place of pairs.
// With WithoutPositives it is the first form,
//
//	Yair Movshovitz-Attias, Alexander Toshev, Thomas K. Leung, Sergey Ioffe,
//	Saurabh Singh. No Fuss Distance Metric Learning using Proxies. ICCV 2017.
//	https://arxiv.org/abs/1703.07464 (equation 4)
//
// without, the one that is a proper probability:
//
//	Eu Wern Teh, Terrance DeVries, Graham W. Taylor. ProxyNCA++: Revisiting and
//	Revitalizing Proxy Neighborhood Component Analysis. ECCV 2020.
//	https://arxiv.org/abs/2004.01113 (equation 7)
type ProxyNCA struct{ NCA }

// PerClass implements [pair.ClassLoss].
func (l *ProxyNCA) PerClass() int { return 1 }

// WeightsAreAnchors implements [pair.ClassLoss].
func (l *ProxyNCA) WeightsAreAnchors() bool { return false }

// Validate returns an error that names the first parameter out of its range.
func (l *ProxyNCA) Validate() error { return spec.Check(kind, "proxy-nca", l.fields()) }

func (l *ProxyNCA) fields() []spec.Field {
	return append(l.NCA.fields(), spec.Field{Key: "without_positives", At: &l.WithoutPositives})
}
