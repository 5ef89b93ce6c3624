package loss

import (
	"math"

	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// Angular bounds, for each positive pair, the angle under which the pair is seen
// from a negative.
//
//	Jian Wang, Feng Zhou, Shilei Wen, Xiao Liu, Yuanqing Lin. Deep Metric
//	Learning with Angular Loss. ICCV 2017. https://arxiv.org/abs/1708.01682
//	(equation 8)
//
// With t = tan²(Alpha), the loss of anchor a with positive p is
// log(1 + Σ exp(4t·(a+p)·n - 2(1+t)·a·p)) over the anchor's negatives n; the value
// is the mean over all positive pairs. A miner chooses positives; the negatives
// are all, as the loss is about them together.
//
// The similarities of positives with negatives are those of a memory with itself:
// they are streamed too, in blocks of positive pairs.
type Angular struct {
	Alpha float64 // degrees, above 0 and under 90; usual: 40
	// RawNegatives takes the negatives n at the lengths that they had before they
	// were normalised, as pytorch-metric-learning does. In the paper, as here by
	// default, all rows have unit length.
	RawNegatives bool
	Reduction    Reduction // usual: OverPairs, the positive ones

	pairs   []angularPair // of all anchors, in their order
	anchors []angularAnchor
	block   angularBlock
	summary pair.Summary
}

type angularPair struct {
	anchor, col int
	sim         float64
	scale       float64 // Times, then its share of all pairs
	pull        float64 // Σ of the negatives' shares
}

type angularAnchor struct {
	pairs []angularPair
	first int // its place in Angular.pairs
}

// angularBlockSize is how many pairs are taken at a time.
const angularBlockSize = 512

// Validate returns an error that names the first parameter out of its range.
func (l *Angular) Validate() error { return spec.Check(kind, "angular", l.fields()) }

func (l *Angular) fields() []spec.Field {
	return []spec.Field{{Key: "alpha_degrees", At: &l.Alpha, Range: spec.Between(0, 90)}, {Key: "raw_negatives", At: &l.RawNegatives}, reductionField(&l.Reduction, OverPairs)}
}

// Begin implements [pair.Loss].
func (l *Angular) Begin(p *pair.Problem) {
	l.anchors = room.Sized(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		l.anchors[i].pairs = l.anchors[i].pairs[:0]
	}
}

// Passes implements [pair.Loss]: one for the positives. The negatives come after.
func (l *Angular) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *Angular) Fold(_ int, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		a.pairs = append(a.pairs, angularPair{anchor: r.Anchor, col: r.Column(p.Col), sim: float64(p.Sim), scale: float64(p.Multiplicity)})
	}
}

// EndPass implements [pair.Loss].
func (l *Angular) EndPass(int) {
	l.pairs, l.summary = l.pairs[:0], pair.Summary{}
	total := 0.0
	for i := range l.anchors {
		l.anchors[i].first = len(l.pairs)
		l.pairs = append(l.pairs, l.anchors[i].pairs...)
	}
	for _, p := range l.pairs {
		total += p.scale
	}
	// How many are active, Finish finds out.
	total = l.Reduction.or(OverPairs).divisor(1, total, len(l.anchors))
	for k := range l.pairs {
		l.pairs[k].scale /= total
	}
}

// IsFast implements [pair.Fast].
func (l *Angular) IsFast() bool { return true }

// BeginParts implements [pair.Fast].
func (l *Angular) BeginParts(int) {}

// WeighPart implements [pair.Fast]: the anchors' own negatives have no weight.
func (l *Angular) WeighPart(int, *pair.Row, []float32) (stored int, keep float32) { return 0, 1 }

// EndParts implements [pair.Fast].
func (l *Angular) EndParts() {}

// Factor implements [pair.Fast].
func (l *Angular) Factor(int, int) float64 { return 0 }

// Finish implements [pair.Finisher]: it takes the negatives.
func (l *Angular) Finish(f *pair.Finish) {
	b := &l.block
	tan := math.Tan(l.Alpha * math.Pi / 180)
	b.sharpness, b.self = 8*tan*tan, -2*(1+tan*tan)
	b.lengths = nil
	if l.RawNegatives {
		b.lengths = f.Problem.Columns.Lengths
	}
	b.engine.Inspect = nil
	if f.Inspection != nil {
		b.engine.Inspect = &pair.Inspection{}
	}
	if l.Reduction == OverActive {
		l.overActive(f.Problem)
	}
	l.blocks(func(pairs []angularPair) {
		b.run(pairs, f.Anchors, f.Columns, f.Problem)
		for k := range b.pairs {
			l.summary.Value += b.pairs[k].scale * b.sums[k].Value()
			if b.nNeg[k] > 0 {
				l.summary.ActivePositives++
				l.summary.ActiveNegatives += b.nNeg[k]
			}
		}
		if f.Inspection != nil {
			// Where negatives are concerned, each pair is an anchor.
			f.Inspection.Append(b.engine.Inspect)
		}
	})
}

// overActive divides the scale of all pairs by the number of those with a loss, for
// which the negatives are read once more.
func (l *Angular) overActive(p *pair.Problem) {
	active := 0.0
	l.blocks(func(pairs []angularPair) {
		l.block.fold(pairs, p)
		for k := range pairs {
			if l.block.sums[k].Value() > 0 {
				active += pairs[k].scale
			}
		}
	})
	for k := range l.pairs {
		l.pairs[k].scale /= max(1, active)
	}
}

// blocks visits the pairs, so many at a time.
func (l *Angular) blocks(visit func(pairs []angularPair)) {
	for first := 0; first < len(l.pairs); first += angularBlockSize {
		visit(l.pairs[first:min(first+angularBlockSize, len(l.pairs))])
	}
}

// Summary implements [pair.Loss].
func (l *Angular) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss]: what goes through a·p.
func (l *Angular) Weigh(w []float32, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	k := 0
	for _, p := range r.Pos {
		for a.pairs[k].col != r.Column(p.Col) {
			k++
		}
		q := &l.pairs[a.first+k]
		w[p.Col] = float32(l.block.self * q.scale * q.pull)
	}
}
