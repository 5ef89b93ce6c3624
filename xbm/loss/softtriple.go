package loss

import (
	"math"

	"crossbatch/xbm/internal/logsum"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// SoftTriple is the cross entropy over similarities to classes that have several
// centres each.
//
//	Qi Qian, Lei Shang, Baigui Sun, Juhua Hu, Hao Li, Rong Jin. SoftTriple Loss:
//	Deep Metric Learning Without Triplet Sampling. ICCV 2019.
//	https://arxiv.org/abs/1909.05235 (equations 6 and 9)
//
// A row's similarity to a class is the mean of those to its centres, weighted by
// their softmax of s/Gamma; the logit is Scale times it, less Margin for the
// right class. The value is the mean over the batch. Unlike in the paper, nothing
// makes centres merge.
//
// It keeps 16 bytes for every row of the batch and class.
type SoftTriple struct {
	Centers   int       // of each class, from 1 to 1000; usual: 10
	Scale     float64   // the paper's λ, above 0; usual: 20
	Gamma     float64   // from 0.005 to 10; usual: 0.1
	Margin    float64   // the paper's δ, from 0 to 2; usual: 0.01
	Reduction Reduction // usual: OverPairs, which is the batch

	anchors []softTripleAnchor
	class   []int32 // of each column, counted in order
	classes int
	summary pair.Summary
	mean    float64
}

type softTripleAnchor struct {
	mass []float64 // Σ e^((s-1)/Gamma) of each class, then ∂loss/∂sim over it
	sim  []float64 // Σ s·e^((s-1)/Gamma) of each class, then the mean of s
	own  int       // the right class; -1: it has no centres
	nPos int
	nNeg int
}

// Validate returns an error that names the first parameter out of its range.
func (l *SoftTriple) Validate() error { return spec.Check(kind, "soft-triple", l.fields()) }

func (l *SoftTriple) fields() []spec.Field {
	return []spec.Field{
		{Key: "centers", At: &l.Centers, Range: spec.From(1, 1000)}, {Key: "la", At: &l.Scale, Range: spec.Above(0)},
		{Key: "gamma", At: &l.Gamma, Range: spec.From(0.005, 10)}, {Key: "margin", At: &l.Margin, Range: spec.From(0, 2)},
		reductionField(&l.Reduction, OverPairs),
	}
}

// PerClass implements [pair.ClassLoss].
func (l *SoftTriple) PerClass() int { return l.Centers }

// WeightsAreAnchors implements [pair.ClassLoss].
func (l *SoftTriple) WeightsAreAnchors() bool { return false }

// Begin implements [pair.Loss].
func (l *SoftTriple) Begin(p *pair.Problem) {
	l.class, l.classes = room.Sized(l.class, len(p.Columns.Labels)), 0
	for j, label := range p.Columns.Labels {
		if j > 0 && label != p.Columns.Labels[j-1] {
			l.classes++
		}
		l.class[j] = int32(l.classes)
	}
	l.classes++
	l.anchors = room.Sized(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		a := &l.anchors[i]
		*a = softTripleAnchor{mass: room.Zeroed(a.mass, l.classes), sim: room.Zeroed(a.sim, l.classes), own: -1}
	}
}

// Passes implements [pair.Loss].
func (l *SoftTriple) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *SoftTriple) Fold(_ int, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	add := func(c int, s float32) {
		e := math.Exp((float64(s) - 1) / l.Gamma)
		k := l.class[r.Column(c)]
		a.mass[k] += e
		a.sim[k] += e * float64(s)
	}
	for _, p := range r.Pos {
		a.own = int(l.class[r.Column(p.Col)])
		a.nPos++
		add(p.Col, p.Sim)
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			a.nNeg++
			add(c, s)
		}
	}
}

// EndPass implements [pair.Loss].
func (l *SoftTriple) EndPass(int) {
	l.summary = pair.Summary{}
	count, active := 0.0, 0.0
	for i := range l.anchors {
		a := &l.anchors[i]
		if a.own < 0 {
			continue
		}
		count++
		sum := logsum.Empty()
		for k := range a.sim {
			if a.mass[k] > 0 {
				a.sim[k] /= a.mass[k]
				sum.Add(l.logit(a, k))
			}
		}
		loss := sum.Value() - l.logit(a, a.own)
		if loss > 0 {
			active++
		}
		l.summary.Value += loss
		l.summary.ActivePositives += a.nPos
		l.summary.ActiveNegatives += a.nNeg
		for k, mass := range a.mass {
			if mass > 0 {
				wrong := logsum.Share(l.logit(a, k), sum.Value())
				if k == a.own {
					wrong--
				}
				a.mass[k] = l.Scale * wrong / mass
			}
		}
	}
	l.mean = l.Reduction.or(OverPairs).scale(active, count, len(l.anchors))
	l.summary.Value *= l.mean
}

func (l *SoftTriple) logit(a *softTripleAnchor, k int) float64 {
	if k == a.own {
		return l.Scale * (a.sim[k] - l.Margin)
	}
	return l.Scale * a.sim[k]
}

// Summary implements [pair.Loss].
func (l *SoftTriple) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss].
func (l *SoftTriple) Weigh(w []float32, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	if a.own < 0 {
		return
	}
	weigh := func(c int, s float32) {
		k := l.class[r.Column(c)]
		e := math.Exp((float64(s) - 1) / l.Gamma)
		w[c] = float32(l.mean * a.mass[k] * e * (1 + (float64(s)-a.sim[k])/l.Gamma))
	}
	for _, p := range r.Pos {
		weigh(p.Col, p.Sim)
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			weigh(c, s)
		}
	}
}
