package loss

import (
	"math"

	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// TupletMargin is each positive pair against all of its anchor's negatives, the
// positive's angle eased by a margin.
//
//	Baosheng Yu, Dacheng Tao. Deep Metric Learning With Tuplet Margin Loss.
//	ICCV 2019.
//
// With the angle θ of a positive pair, its loss is
// log(1 + Σ exp(Scale·(s - cos(θ-Margin)))) over the similarities s of the
// anchor's negatives; the value is the mean over all positive pairs.
//
// Use [NewTupletMargin] for the parameters that are usual.
type TupletMargin struct {
	Margin    float64   // degrees, from 0 to 90
	Scale     float64   // above 0
	Reduction Reduction // usual: OverPairs, the positive ones

	entropy
}

// NewTupletMargin returns the loss with a Margin of 5.73 degrees and Scale 64.
func NewTupletMargin() *TupletMargin { return &TupletMargin{Margin: 5.73, Scale: 64} }

// Validate returns an error that names the first parameter out of its range.
func (l *TupletMargin) Validate() error { return spec.Check(kind, "tuplet-margin", l.fields()) }

func (l *TupletMargin) fields() []spec.Field {
	return []spec.Field{{Key: "margin_degrees", At: &l.Margin, Range: spec.From(0, 90)}, {Key: "scale", At: &l.Scale, Range: spec.Above(0)}, reductionField(&l.Reduction, OverPairs)}
}

// Begin implements [pair.Loss].
func (l *TupletMargin) Begin(p *pair.Problem) { l.begin(p, l.Scale, l.Reduction) }

// Passes implements [pair.Loss].
func (l *TupletMargin) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *TupletMargin) Fold(_ int, r *pair.Row) { l.fold(r, l.logit) }

// EndPass implements [pair.Loss].
func (l *TupletMargin) EndPass(int) { l.end() }

// Summary implements [pair.Loss].
func (l *TupletMargin) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss].
func (l *TupletMargin) Weigh(w []float32, r *pair.Row) { l.weigh(w, r, l.logit) }

// logit is Scale·cos(θ-Margin) and its slope Scale·sin(θ-Margin)/sin θ. Rows that
// point the same way, or opposite ones, have no direction to move in: slope 0.
func (l *TupletMargin) logit(r *pair.Row, p pair.Positive) (x, slope float64) {
	square := r.Problem.SquaredDistance(r.Anchor, r.Column(p.Col), p.Sim)
	cos := 1 - square/2
	sin := math.Sqrt(math.Max(0, square*(1-square/4)))
	sinM, cosM := math.Sincos(l.Margin * math.Pi / 180)
	x = l.Scale * (cos*cosM + sin*sinM)
	if sin > 0 {
		slope = l.Scale * (sin*cosM - cos*sinM) / sin
	}
	return x, slope
}
