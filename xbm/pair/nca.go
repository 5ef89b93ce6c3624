package pair

import "math"

// NCA is neighbourhood components analysis: the chance that a random neighbour,
// drawn by distance, is of the anchor's class.
//
//	Jacob Goldberger, Sam Roweis, Geoffrey Hinton, Ruslan Salakhutdinov.
//	Neighbourhood Components Analysis. NeurIPS 2004.
//	https://papers.nips.cc/paper/2566-neighbourhood-components-analysis
//
// An anchor's loss is -log of the share of its positives in Σ exp(-Scale·d²) over
// all its pairs, with the Euclidean distance d of unit rows; the value is the
// mean over the anchors that have positives. Unlike in the paper, there is no
// linear map to be learnt here: that is the network's part.
type NCA struct {
	Scale float64 // above 0; usual: 1
	// WithoutPositives leaves the positives out of the sum over all pairs: the
	// form of the proxy loss's first paper. Anchors without negatives then have a
	// loss of 0.
	WithoutPositives bool

	anchors []ncaAnchor
	parts   partSums
	summary Summary
	mean    float64 // 1 over the anchors with positives
}

type ncaAnchor struct {
	pos, all   logSum
	nPos, nNeg int
}

// Validate returns an error if the scale is out of its range.
func (l *NCA) Validate() error { return above("nca", "softmax_scale", l.Scale, 0) }

// Begin implements [Loss].
func (l *NCA) Begin(p *Problem) {
	l.anchors = zeroed(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		l.anchors[i].pos, l.anchors[i].all = emptyLogSum(), emptyLogSum()
	}
}

// Passes implements [Loss].
func (l *NCA) Passes() int { return 1 }

// Fold implements [Loss].
func (l *NCA) Fold(_ int, r *Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		x := l.logit(p.Sim)
		a.pos.add(x)
		if !l.WithoutPositives {
			a.all.add(x)
		}
	}
	a.nPos += len(r.Pos)
	for _, s := range r.Neg {
		if s > noPair {
			a.all.add(l.logit(s))
			a.nNeg++
		}
	}
}

func (l *NCA) ahead() bool { return true }

func (l *NCA) beginParts(parts int) { l.parts.begin(parts, len(l.anchors), 2*l.Scale) }

func (l *NCA) weighAhead(part int, r *Row, w []float32) (int, float32) {
	return l.parts.add(part, r, w)
}

func (l *NCA) endParts() {
	for i := range l.anchors {
		l.anchors[i].nNeg += l.parts.join(&l.anchors[i].all, i, l.logit(0))
	}
}

func (l *NCA) factor(part, anchor int) float64 {
	a := &l.anchors[anchor]
	if a.nPos == 0 || a.nNeg == 0 {
		return 0
	}
	return 2 * l.Scale * l.mean * l.parts.share(part, anchor, l.logit(0), a.all.value())
}

// EndPass implements [Loss].
func (l *NCA) EndPass(int) {
	l.summary, l.mean = Summary{}, 0
	count := 0.0
	for i := range l.anchors {
		a := &l.anchors[i]
		if a.nPos == 0 {
			continue
		}
		count++
		if a.nNeg > 0 {
			l.summary.Value += a.all.value() - a.pos.value()
			l.summary.ActivePositives += a.nPos
			l.summary.ActiveNegatives += a.nNeg
		}
	}
	if count > 0 {
		l.mean = 1 / count
		l.summary.Value *= l.mean
	}
}

// Summary implements [Loss].
func (l *NCA) Summary() Summary { return l.summary }

// Weigh implements [Loss].
func (l *NCA) Weigh(w []float32, r *Row) {
	a := &l.anchors[r.Anchor]
	if a.nPos == 0 || a.nNeg == 0 {
		return
	}
	// ∂(-Scale·d²)/∂s = 2·Scale
	scale, pos, all := 2*l.Scale*l.mean, a.pos.value(), a.all.value()
	for _, p := range r.Pos {
		x := l.logit(p.Sim)
		part := share(x, pos)
		if !l.WithoutPositives {
			part -= share(x, all)
		}
		w[p.Col] = float32(-scale * part)
	}
	for c, s := range r.Neg {
		if s > noPair {
			w[c] = float32(scale * math.Exp(l.logit(s)-all))
		}
	}
}

// logit is -Scale·d², d² being 2-2s.
func (l *NCA) logit(s float32) float64 { return -l.Scale * (2 - 2*float64(s)) }

func (l *NCA) euclidean() bool { return true }
