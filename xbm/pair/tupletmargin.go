package pair

import (
	"fmt"
	"math"
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
	Margin float64 // degrees, from 0 to 90
	Scale  float64 // above 0

	entropy
}

// NewTupletMargin returns the loss with a Margin of 5.73 degrees and Scale 64.
func NewTupletMargin() *TupletMargin { return &TupletMargin{Margin: 5.73, Scale: 64} }

// Validate returns an error that names the first parameter out of its range.
func (l *TupletMargin) Validate() error {
	if !(l.Margin >= 0 && l.Margin <= 90) {
		return fmt.Errorf("pair: tuplet-margin: margin_degrees is %g: give a value from 0 to 90", l.Margin)
	}
	return above("tuplet-margin", "scale", l.Scale, 0)
}

// Begin implements [Loss].
func (l *TupletMargin) Begin(p *Problem) { l.begin(p, l.Scale) }

// Passes implements [Loss].
func (l *TupletMargin) Passes() int { return 1 }

// Fold implements [Loss].
func (l *TupletMargin) Fold(_ int, r *Row) { l.fold(r, l.logit) }

// EndPass implements [Loss].
func (l *TupletMargin) EndPass(int) { l.end() }

// Summary implements [Loss].
func (l *TupletMargin) Summary() Summary { return l.summary }

// Weigh implements [Loss].
func (l *TupletMargin) Weigh(w []float32, r *Row) { l.weigh(w, r, l.logit) }

// logit is Scale·cos(θ-Margin) and its slope Scale·sin(θ-Margin)/sin θ. Rows that
// point the same way, or opposite ones, have no direction to move in: slope 0.
func (l *TupletMargin) logit(r *Row, p Positive) (x, slope float64) {
	square := r.problem.squaredDistance(r.Anchor, r.column(p.Col), p.Sim)
	cos := 1 - square/2
	sin := math.Sqrt(math.Max(0, square*(1-square/4)))
	sinM, cosM := math.Sincos(l.Margin * math.Pi / 180)
	x = l.Scale * (cos*cosM + sin*sinM)
	if sin > 0 {
		slope = l.Scale * (sin*cosM - cos*sinM) / sin
	}
	return x, slope
}
