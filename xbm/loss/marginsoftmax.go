package loss

import (
	"math"

	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
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
	Scale        float64   // above 0; usual: 64
	CosineMargin float64   // from 0 to 2; usual: 0.35
	AngleMargin  float64   // degrees, from 0 to 90; usual: 28.6
	Reduction    Reduction // usual: OverPairs, which is the batch

	pairs entropy
}

// Validate returns an error that names the first parameter out of its range.
func (l *MarginSoftmax) Validate() error {
	if err := spec.Check(kind, "cosface", l.cosFaceFields()); err != nil {
		return err
	}
	return spec.Check(kind, "arcface", l.arcFaceFields())
}

func (l *MarginSoftmax) cosFaceFields() []spec.Field {
	return []spec.Field{{Key: "margin", At: &l.CosineMargin, Range: spec.From(0, 2)}, {Key: "scale", At: &l.Scale, Range: spec.Above(0)}, reductionField(&l.Reduction, OverPairs)}
}

func (l *MarginSoftmax) arcFaceFields() []spec.Field {
	return []spec.Field{{Key: "margin_degrees", At: &l.AngleMargin, Range: spec.From(0, 90)}, {Key: "scale", At: &l.Scale, Range: spec.Above(0)}, reductionField(&l.Reduction, OverPairs)}
}

// PerClass implements [pair.ClassLoss].
func (l *MarginSoftmax) PerClass() int { return 1 }

// WeightsAreAnchors implements [pair.ClassLoss].
func (l *MarginSoftmax) WeightsAreAnchors() bool { return false }

// Begin implements [pair.Loss].
func (l *MarginSoftmax) Begin(p *pair.Problem) { l.pairs.begin(p, l.Scale, l.Reduction) }

// Passes implements [pair.Loss].
func (l *MarginSoftmax) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *MarginSoftmax) Fold(_ int, r *pair.Row) { l.pairs.fold(r, l.logit) }

// EndPass implements [pair.Loss].
func (l *MarginSoftmax) EndPass(int) { l.pairs.end() }

// Summary implements [pair.Loss].
func (l *MarginSoftmax) Summary() pair.Summary { return l.pairs.summary }

// Weigh implements [pair.Loss].
func (l *MarginSoftmax) Weigh(w []float32, r *pair.Row) { l.pairs.weigh(w, r, l.logit) }

// logit is that of the right class. Rows that point the same way, or opposite
// ones, have no direction to move in: slope 0.
func (l *MarginSoftmax) logit(r *pair.Row, p pair.Positive) (x, slope float64) {
	if l.AngleMargin == 0 {
		return l.Scale * (float64(p.Sim) - l.CosineMargin), l.Scale
	}
	square := r.Problem.SquaredDistance(r.Anchor, r.Column(p.Col), p.Sim)
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
