package pair

import "math"

// NTXent is the normalised, temperature-scaled cross entropy: each positive pair
// is to stand out among the anchor's negatives.
//
//	Kihyuk Sohn. Improved Deep Metric Learning with Multi-class N-pair Loss
//	Objective. NeurIPS 2016.
//	Ting Chen, Simon Kornblith, Mohammad Norouzi, Geoffrey Hinton. A Simple
//	Framework for Contrastive Learning of Visual Representations. ICML 2020.
//	https://arxiv.org/abs/2002.05709 (equation 1)
//
// A positive pair's loss is -log(e^(s/T) / (e^(s/T) + Σ e^(sₙ/T))) over the
// anchor's negatives n; the value is the mean over all positive pairs. Unlike in
// Chen et al., where there is one, an anchor's other positives are not in the
// denominator.
//
// It keeps the similarities of all positive pairs: 4 bytes each.
type NTXent struct {
	Temperature float64 // T, above 0; usual: 0.07

	anchors []ntxentAnchor
	summary Summary
	scale   float64 // 1/(T·number of positive pairs)
}

type ntxentAnchor struct {
	pos  []float32
	neg  logSum
	nNeg int
	push float64 // Σ over the positives of 1 - their share in the denominator
}

// Validate returns an error if the temperature is out of its range.
func (l *NTXent) Validate() error { return above("nt-xent", "temperature", l.Temperature, 0) }

// Begin implements [Loss].
func (l *NTXent) Begin(p *Problem) {
	l.anchors = sizedTo(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		l.anchors[i] = ntxentAnchor{pos: l.anchors[i].pos[:0], neg: emptyLogSum()}
	}
}

// Passes implements [Loss].
func (l *NTXent) Passes() int { return 1 }

// Fold implements [Loss].
func (l *NTXent) Fold(_ int, r *Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		a.pos = append(a.pos, p.Sim)
	}
	for _, s := range r.Neg {
		if s > noPair {
			a.neg.add(float64(s) / l.Temperature)
			a.nNeg++
		}
	}
}

// EndPass implements [Loss].
func (l *NTXent) EndPass(int) {
	l.summary, l.scale = Summary{}, 0
	for i := range l.anchors {
		a := &l.anchors[i]
		if a.nNeg == 0 || len(a.pos) == 0 {
			// Nothing to stand out among: a loss of 0, counted in the mean.
			l.scale += float64(len(a.pos))
			continue
		}
		sum := a.neg.value()
		for _, s := range a.pos {
			above := sum - float64(s)/l.Temperature
			l.summary.Value += softplus(above)
			a.push += sigmoid(above)
		}
		l.scale += float64(len(a.pos))
		l.summary.ActivePositives += len(a.pos)
		l.summary.ActiveNegatives += a.nNeg
	}
	if l.scale > 0 {
		l.summary.Value /= l.scale
		l.scale = 1 / (l.Temperature * l.scale)
	}
}

// Summary implements [Loss].
func (l *NTXent) Summary() Summary { return l.summary }

// Weigh implements [Loss].
func (l *NTXent) Weigh(w []float32, r *Row) {
	a := &l.anchors[r.Anchor]
	if a.nNeg == 0 || len(a.pos) == 0 {
		return
	}
	sum := a.neg.value()
	for _, p := range r.Pos {
		w[p.Col] = float32(-l.scale * sigmoid(sum-float64(p.Sim)/l.Temperature))
	}
	for c, s := range r.Neg {
		if s > noPair {
			w[c] = float32(l.scale * a.push * math.Exp(float64(s)/l.Temperature-sum))
		}
	}
}

// softplus is log(1+eˣ).
func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// sigmoid is 1/(1+e⁻ˣ).
func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
