package loss

import (
	"math"

	"crossbatch/xbm/internal/logsum"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

// SupCon is the supervised contrastive loss: each anchor's positives together
// are to stand out among all its pairs.
//
//	Prannay Khosla, Piotr Teterwak, Chen Wang, Aaron Sarna, Yonglong Tian,
//	Phillip Isola, Aaron Maschinot, Ce Liu, Dilip Krishnan. Supervised
//	Contrastive Learning. NeurIPS 2020. https://arxiv.org/abs/2004.11362
//	(equation 2)
//
// An anchor's loss is log Σ e^(s/T) over all its pairs minus the mean of s/T over
// its positives. Unlike in the paper, which adds up, the value is the mean over
// the anchors whose loss is not zero; anchors without positives have none, and
// without any negatives at all nothing has to stand out: 0.
type SupCon struct {
	Temperature float64   // T, above 0; usual: 0.1
	Reduction   Reduction // usual: OverActive

	anchors []supconAnchor
	summary pair.Summary
	mean    float64 // 1 over the anchors that count

	partSums
}

type supconAnchor struct {
	all        logsum.Sum
	pos        float64 // Σ s/T over the positives
	nPos, nNeg int
}

// loss is the anchor's.
func (a *supconAnchor) loss() float64 {
	if a.nPos == 0 {
		return 0
	}
	return a.all.Value() - a.pos/float64(a.nPos)
}

// Validate returns an error that names the first parameter out of its range.
func (l *SupCon) Validate() error { return spec.Check(kind, "supcon", l.fields()) }

func (l *SupCon) fields() []spec.Field {
	return []spec.Field{{Key: "temperature", At: &l.Temperature, Range: spec.Above(0)}, reductionField(&l.Reduction, OverActive)}
}

// Begin implements [pair.Loss].
func (l *SupCon) Begin(p *pair.Problem) {
	l.begin(len(p.Anchors.Labels), 1/l.Temperature)
	l.anchors = room.Zeroed(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		l.anchors[i].all = logsum.Empty()
	}
}

// Passes implements [pair.Loss].
func (l *SupCon) Passes() int { return 1 }

// Fold implements [pair.Loss].
func (l *SupCon) Fold(_ int, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		x := float64(p.Sim) / l.Temperature
		a.all.Add(x)
		a.pos += x
	}
	a.nPos += len(r.Pos)
	for _, s := range r.Neg {
		if s > pair.NoPair {
			a.all.Add(float64(s) / l.Temperature)
			a.nNeg++
		}
	}
}

// EndParts implements [pair.Fast].
func (l *SupCon) EndParts() {
	for i := range l.anchors {
		l.anchors[i].nNeg += l.join(&l.anchors[i].all, i, 0)
	}
}

// Factor implements [pair.Fast].
func (l *SupCon) Factor(part, anchor int) float64 {
	a := &l.anchors[anchor]
	if l.mean == 0 || !(a.loss() > 0) {
		return 0
	}
	return l.mean / l.Temperature * l.share(part, anchor, 0, a.all.Value())
}

// EndPass implements [pair.Loss].
func (l *SupCon) EndPass(int) {
	l.summary, l.mean = pair.Summary{}, 0
	count, negatives := 0.0, 0
	for i := range l.anchors {
		negatives += l.anchors[i].nNeg
	}
	if negatives == 0 {
		return
	}
	for i := range l.anchors {
		a := &l.anchors[i]
		if loss := a.loss(); loss > 0 {
			count++
			l.summary.Value += loss
			l.summary.ActivePositives += a.nPos
			l.summary.ActiveNegatives += a.nNeg
		}
	}
	l.mean = l.Reduction.or(OverActive).scale(count, float64(len(l.anchors)), len(l.anchors))
	l.summary.Value *= l.mean
}

// Summary implements [pair.Loss].
func (l *SupCon) Summary() pair.Summary { return l.summary }

// Weigh implements [pair.Loss].
func (l *SupCon) Weigh(w []float32, r *pair.Row) {
	a := &l.anchors[r.Anchor]
	if l.mean == 0 || !(a.loss() > 0) {
		return
	}
	sum, scale := a.all.Value(), l.mean/l.Temperature
	for _, p := range r.Pos {
		w[p.Col] = float32(scale * (math.Exp(float64(p.Sim)/l.Temperature-sum) - 1/float64(a.nPos)))
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			w[c] = float32(scale * math.Exp(float64(s)/l.Temperature-sum))
		}
	}
}
