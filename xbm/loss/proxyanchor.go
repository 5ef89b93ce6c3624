package loss

import (
	"crossbatch/xbm/internal/logsum"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// ProxyAnchor lets the weight of each class gather the batch's rows of the class,
// the farthest most, and push away the others, the nearest most.
//
//	Sungyeon Kim, Dongwon Kim, Minsu Cho, Suha Kwak. Proxy Anchor Loss for Deep
//	Metric Learning. CVPR 2020. https://arxiv.org/abs/2003.13911 (equation 4)
//
// The value is the mean of log(1 + Σ exp(-Alpha(s-Margin))) over the classes that
// are in the batch, plus the mean of log(1 + Σ exp(Alpha(s+Margin))) over all.
type ProxyAnchor struct {
	Margin float64 // the paper's δ, from 0 to 2; usual: 0.1
	Alpha  float64 // above 0; usual: 32

	anchors []multiSimilarityAnchor
	summary pair.Summary
	here    float64 // 1 over the classes in the batch
}

// Validate returns an error that names the first parameter out of its range.
func (l *ProxyAnchor) Validate() error { return spec.Check(kind, "proxy-anchor", l.fields()) }

func (l *ProxyAnchor) fields() []spec.Field {
	return []spec.Field{{Key: "margin", At: &l.Margin, Range: spec.From(0, 2)}, {Key: "alpha", At: &l.Alpha, Range: spec.Above(0)}}
}

// PerClass implements [pair.ClassLoss].
func (l *ProxyAnchor) PerClass() int { return 1 }

// WeightsAreAnchors implements [pair.ClassLoss].
func (l *ProxyAnchor) WeightsAreAnchors() bool { return true }

// Begin implements [pair.Loss].
func (l *ProxyAnchor) Begin(p *pair.Problem) {
	l.anchors = room.Sized(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		l.anchors[i] = multiSimilarityAnchor{pos: logsum.One(), neg: logsum.One()}
	}
}

// Passes implements [pair.Loss].
func (l *ProxyAnchor) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *ProxyAnchor) Fold(_ int, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		a.pos.Add(l.positive(p.Sim))
	}
	a.nPos += len(r.Pos)
	for _, s := range r.Neg {
		if s > pair.NoPair {
			a.neg.Add(l.negative(s))
			a.nNeg++
		}
	}
}

// EndPass implements [pair.Loss].
func (l *ProxyAnchor) EndPass(int) {
	l.summary, l.here = pair.Summary{}, 0
	var pos, neg, count float64
	for i := range l.anchors {
		a := &l.anchors[i]
		if a.nPos > 0 {
			count++
		}
		pos += a.pos.Value()
		neg += a.neg.Value()
		l.summary.ActivePositives += a.nPos
		l.summary.ActiveNegatives += a.nNeg
	}
	if count > 0 {
		l.here = 1 / count
	}
	l.summary.Value = pos*l.here + neg/float64(len(l.anchors))
}

// Summary implements [pair.Loss].
func (l *ProxyAnchor) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss].
func (l *ProxyAnchor) Weigh(w []float32, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	sum := a.pos.Value()
	for _, p := range r.Pos {
		w[p.Col] = float32(-l.here * l.Alpha * logsum.Share(l.positive(p.Sim), sum))
	}
	sum = a.neg.Value()
	for c, s := range r.Neg {
		if s > pair.NoPair {
			w[c] = float32(l.Alpha / float64(len(l.anchors)) * logsum.Share(l.negative(s), sum))
		}
	}
}

func (l *ProxyAnchor) positive(s float32) float64 { return -l.Alpha * (float64(s) - l.Margin) }

func (l *ProxyAnchor) negative(s float32) float64 { return l.Alpha * (float64(s) + l.Margin) }
