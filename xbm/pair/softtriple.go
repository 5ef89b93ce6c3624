package pair

import (
	"fmt"
	"math"
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
	Centers int     // of each class, from 1 to 1000; usual: 10
	Scale   float64 // the paper's λ, above 0; usual: 20
	Gamma   float64 // from 0.005 to 10; usual: 0.1
	Margin  float64 // the paper's δ, from 0 to 2; usual: 0.01

	anchors []softTripleAnchor
	class   []int32 // of each column, counted in order
	classes int
	summary Summary
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
func (l *SoftTriple) Validate() error {
	if l.Centers < 1 || l.Centers > 1000 {
		return fmt.Errorf("pair: soft-triple: centers is %d: give a value from 1 to 1000", l.Centers)
	}
	if err := above("soft-triple", "la", l.Scale, 0); err != nil {
		return err
	}
	if err := (parameter{"gamma", l.Gamma}).within("soft-triple", 0.005, 10); err != nil {
		return err
	}
	return parameter{"margin", l.Margin}.within("soft-triple", 0, 2)
}

// PerClass implements [ClassLoss].
func (l *SoftTriple) PerClass() int { return l.Centers }

// WeightsAreAnchors implements [ClassLoss].
func (l *SoftTriple) WeightsAreAnchors() bool { return false }

// Begin implements [Loss].
func (l *SoftTriple) Begin(p *Problem) {
	l.class, l.classes = sizedTo(l.class, len(p.Columns.Labels)), 0
	for j, label := range p.Columns.Labels {
		if j > 0 && label != p.Columns.Labels[j-1] {
			l.classes++
		}
		l.class[j] = int32(l.classes)
	}
	l.classes++
	l.anchors = sizedTo(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		a := &l.anchors[i]
		*a = softTripleAnchor{mass: zeroed(a.mass, l.classes), sim: zeroed(a.sim, l.classes), own: -1}
	}
}

// Passes implements [Loss].
func (l *SoftTriple) Passes() int { return 1 }

// Fold implements [Loss].
func (l *SoftTriple) Fold(_ int, r *Row) {
	a := &l.anchors[r.Anchor]
	add := func(c int, s float32) {
		e := math.Exp((float64(s) - 1) / l.Gamma)
		k := l.class[r.column(c)]
		a.mass[k] += e
		a.sim[k] += e * float64(s)
	}
	for _, p := range r.Pos {
		a.own = int(l.class[r.column(p.Col)])
		a.nPos++
		add(p.Col, p.Sim)
	}
	for c, s := range r.Neg {
		if s > noPair {
			a.nNeg++
			add(c, s)
		}
	}
}

// EndPass implements [Loss].
func (l *SoftTriple) EndPass(int) {
	l.summary, l.mean = Summary{}, 0
	count := 0.0
	for i := range l.anchors {
		a := &l.anchors[i]
		if a.own < 0 {
			continue
		}
		count++
		sum := emptyLogSum()
		for k := range a.sim {
			if a.mass[k] > 0 {
				a.sim[k] /= a.mass[k]
				sum.add(l.logit(a, k))
			}
		}
		l.summary.Value += sum.value() - l.logit(a, a.own)
		l.summary.ActivePositives += a.nPos
		l.summary.ActiveNegatives += a.nNeg
		for k, mass := range a.mass {
			if mass > 0 {
				wrong := share(l.logit(a, k), sum.value())
				if k == a.own {
					wrong--
				}
				a.mass[k] = l.Scale * wrong / mass
			}
		}
	}
	if count > 0 {
		l.mean = 1 / count
		l.summary.Value *= l.mean
	}
}

func (l *SoftTriple) logit(a *softTripleAnchor, k int) float64 {
	if k == a.own {
		return l.Scale * (a.sim[k] - l.Margin)
	}
	return l.Scale * a.sim[k]
}

// Summary implements [Loss].
func (l *SoftTriple) Summary() Summary { return l.summary }

// Weigh implements [Loss].
func (l *SoftTriple) Weigh(w []float32, r *Row) {
	a := &l.anchors[r.Anchor]
	if a.own < 0 {
		return
	}
	weigh := func(c int, s float32) {
		k := l.class[r.column(c)]
		e := math.Exp((float64(s) - 1) / l.Gamma)
		w[c] = float32(l.mean * a.mass[k] * e * (1 + (float64(s)-a.sim[k])/l.Gamma))
	}
	for _, p := range r.Pos {
		weigh(p.Col, p.Sim)
	}
	for c, s := range r.Neg {
		if s > noPair {
			weigh(c, s)
		}
	}
}
