package pair

// ProxyAnchor lets the weight of each class gather the batch's rows of the class,
// the farthest most, and push away the others, the nearest most.
//
//	Sungyeon Kim, Dongwon Kim, Minsu Cho, Suha Kwak. Proxy Anchor Loss for Deep
//	Metric Learning. CVPR 2020. https://arxiv.org/abs/2003.13911 (equation 4)
//
// The value is the mean of log(1 + Σ exp(-Alpha(s-Margin))) over the classes that
// are in the batch, plus the mean of log(1 + Σ exp(Alpha(s+Margin))) over all.
type ProxyAnchor struct {
	Margin float64 // the paper's δ, from 0 to 2; usual: 0.1
	Alpha  float64 // above 0; usual: 32

	anchors []multiSimilarityAnchor
	summary Summary
	here    float64 // 1 over the classes in the batch
}

// Validate returns an error that names the first parameter out of its range.
func (l *ProxyAnchor) Validate() error {
	if err := (parameter{"margin", l.Margin}).within("proxy-anchor", 0, 2); err != nil {
		return err
	}
	return above("proxy-anchor", "alpha", l.Alpha, 0)
}

// PerClass implements [ClassLoss].
func (l *ProxyAnchor) PerClass() int { return 1 }

// WeightsAreAnchors implements [ClassLoss].
func (l *ProxyAnchor) WeightsAreAnchors() bool { return true }

// Begin implements [Loss].
func (l *ProxyAnchor) Begin(p *Problem) {
	l.anchors = sizedTo(l.anchors, len(p.Anchors.Labels))
	for i := range l.anchors {
		l.anchors[i] = multiSimilarityAnchor{pos: oneLogSum(), neg: oneLogSum()}
	}
}

// Passes implements [Loss].
func (l *ProxyAnchor) Passes() int { return 1 }

// Fold implements [Loss].
func (l *ProxyAnchor) Fold(_ int, r *Row) {
	a := &l.anchors[r.Anchor]
	for _, p := range r.Pos {
		a.pos.add(l.positive(p.Sim))
	}
	a.nPos += len(r.Pos)
	for _, s := range r.Neg {
		if s > noPair {
			a.neg.add(l.negative(s))
			a.nNeg++
		}
	}
}

// EndPass implements [Loss].
func (l *ProxyAnchor) EndPass(int) {
	l.summary, l.here = Summary{}, 0
	var pos, neg, count float64
	for i := range l.anchors {
		a := &l.anchors[i]
		if a.nPos > 0 {
			count++
		}
		pos += a.pos.value()
		neg += a.neg.value()
		l.summary.ActivePositives += a.nPos
		l.summary.ActiveNegatives += a.nNeg
	}
	if count > 0 {
		l.here = 1 / count
	}
	l.summary.Value = pos*l.here + neg/float64(len(l.anchors))
}

// Summary implements [Loss].
func (l *ProxyAnchor) Summary() Summary { return l.summary }

// Weigh implements [Loss].
func (l *ProxyAnchor) Weigh(w []float32, r *Row) {
	a := &l.anchors[r.Anchor]
	sum := a.pos.value()
	for _, p := range r.Pos {
		w[p.Col] = float32(-l.here * l.Alpha * share(l.positive(p.Sim), sum))
	}
	sum = a.neg.value()
	for c, s := range r.Neg {
		if s > noPair {
			w[c] = float32(l.Alpha / float64(len(l.anchors)) * share(l.negative(s), sum))
		}
	}
}

func (l *ProxyAnchor) positive(s float32) float64 { return -l.Alpha * (float64(s) - l.Margin) }

func (l *ProxyAnchor) negative(s float32) float64 { return l.Alpha * (float64(s) + l.Margin) }
