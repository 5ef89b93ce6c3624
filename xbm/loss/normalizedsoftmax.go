package loss

import "crossbatch/xbm/spec"

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
