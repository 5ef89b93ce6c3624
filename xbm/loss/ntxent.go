package loss

import (
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

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
type NTXent struct {
	Temperature float64   // T, above 0; usual: 0.07
	Reduction   Reduction // usual: OverPairs, the positive ones

	entropy
}

// Validate returns an error that names the first parameter out of its range.
func (l *NTXent) Validate() error { return spec.Check(kind, "nt-xent", l.fields()) }

func (l *NTXent) fields() []spec.Field {
	return []spec.Field{{Key: "temperature", At: &l.Temperature, Range: spec.Above(0)}, reductionField(&l.Reduction, OverPairs)}
}

// Begin implements [pair.Loss].
func (l *NTXent) Begin(p *pair.Problem) { l.begin(p, 1/l.Temperature, l.Reduction) }

// Passes implements [pair.Loss].
func (l *NTXent) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *NTXent) Fold(_ int, r *pair.Row) { l.fold(r, l.logit) }

// EndPass implements [pair.Loss].
func (l *NTXent) EndPass(int) { l.end() }

// Summary implements [pair.Loss].
func (l *NTXent) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss].
func (l *NTXent) Weigh(w []float32, r *pair.Row) { l.weigh(w, r, l.logit) }

func (l *NTXent) logit(_ *pair.Row, p pair.Positive) (x, slope float64) {
	return float64(p.Sim) / l.Temperature, 1 / l.Temperature
}

// NormalizedSoftmax is the cross entropy over similarities to class weights, both
// of unit length.
//
//	Andrew Zhai, Hao-Yu Wu. Classification is a Strong Baseline for Deep Metric
//	Learning. BMVC 2019. https://arxiv.org/abs/1811.12649 (equation 3)
//
// It is [NTXent] with class weights as columns; the value is the mean over the
// batch.
type NormalizedSoftmax struct{ NTXent } // usual temperature: 0.05

// Validate returns an error that names the first parameter out of its range.
func (l *NormalizedSoftmax) Validate() error {
	return spec.Check(kind, "normalized-softmax", l.fields())
}

// PerClass implements [pair.ClassLoss].
func (l *NormalizedSoftmax) PerClass() int { return 1 }

// WeightsAreAnchors implements [pair.ClassLoss].
func (l *NormalizedSoftmax) WeightsAreAnchors() bool { return false }
