package pair

import (
	"fmt"
	"math"
)

// MarginSoftmax is the cross entropy over similarities to class weights, the
// right class made harder by a margin. With CosineMargin it is CosFace (equation
// 4), where the right class has s - margin:
//
//	Hao Wang, Yitong Wang, Zheng Zhou, Xing Ji, Dihong Gong, Jingchao Zhou,
//	Zhifeng Li, Wei Liu. CosFace: Large Margin Cosine Loss for Deep Face
//	Recognition. CVPR 2018. https://arxiv.org/abs/1801.09414
//
// with AngleMargin ArcFace (equation 3), where it has cos(θ + margin), or
// cos θ - margin·sin(margin) where θ + margin is past 180 degrees:
//
//	Jiankang Deng, Jia Guo, Niannan Xue, Stefanos Zafeiriou. ArcFace: Additive
//	Angular Margin Loss for Deep Face Recognition. CVPR 2019.
//	https://arxiv.org/abs/1801.07698
//
// The value is the mean over the batch.
type MarginSoftmax struct {
	Scale        float64 // above 0; usual: 64
	CosineMargin float64 // from 0 to 2; usual: 0.35
	AngleMargin  float64 // degrees, from 0 to 90; usual: 28.6

	pairs entropy
}

// Validate returns an error that names the first parameter out of its range.
func (l *MarginSoftmax) Validate() error {
	if err := above("softmax with margin", "scale", l.Scale, 0); err != nil {
		return err
	}
	if err := (parameter{"margin", l.CosineMargin}).within("cosface", 0, 2); err != nil {
		return err
	}
	if !(l.AngleMargin >= 0 && l.AngleMargin <= 90) {
		return fmt.Errorf("pair: arcface: margin_degrees is %g: give a value from 0 to 90", l.AngleMargin)
	}
	return nil
}

// PerClass implements [ClassLoss].
func (l *MarginSoftmax) PerClass() int { return 1 }

// WeightsAreAnchors implements [ClassLoss].
func (l *MarginSoftmax) WeightsAreAnchors() bool { return false }

// Begin implements [Loss].
func (l *MarginSoftmax) Begin(p *Problem) { l.pairs.begin(p, l.Scale) }

// Passes implements [Loss].
func (l *MarginSoftmax) Passes() int { return 1 }

// Fold implements [Loss].
func (l *MarginSoftmax) Fold(_ int, r *Row) { l.pairs.fold(r, l.logit) }

// EndPass implements [Loss].
func (l *MarginSoftmax) EndPass(int) { l.pairs.end() }

// Summary implements [Loss].
func (l *MarginSoftmax) Summary() Summary { return l.pairs.summary }

// Weigh implements [Loss].
func (l *MarginSoftmax) Weigh(w []float32, r *Row) { l.pairs.weigh(w, r, l.logit) }

// logit is that of the right class. Rows that point the same way, or opposite
// ones, have no direction to move in: slope 0.
func (l *MarginSoftmax) logit(r *Row, p Positive) (x, slope float64) {
	if l.AngleMargin == 0 {
		return l.Scale * (float64(p.Sim) - l.CosineMargin), l.Scale
	}
	square := r.problem.squaredDistance(r.Anchor, r.column(p.Col), p.Sim)
	cos := 1 - square/2
	sin := math.Sqrt(math.Max(0, square*(1-square/4)))
	margin := l.AngleMargin * math.Pi / 180
	sinM, cosM := math.Sincos(margin)
	if cos < -cosM {
		return l.Scale * (cos - margin*sinM - l.CosineMargin), l.Scale
	}
	x = l.Scale * (cos*cosM - sin*sinM - l.CosineMargin)
	if sin > 0 {
		slope = l.Scale * (sin*cosM + cos*sinM) / sin
	}
	return x, slope
}
