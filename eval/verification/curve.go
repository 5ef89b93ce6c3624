package verification

import (
	"math"

	"crossbatch/eval"
)

// curve follows the ROC curve as the threshold grows, from step to step.
type curve struct {
	distance             eval.Distance
	positives, negatives float64
	threshold, given     *float64 // what is judged, and its squared distance

	accepted, wrong float64 // positives and negatives that are accepted so far
	area, precision float64
	equal           float64 // equal error rate, -1 until it is met
	fars            []float64
	at              []place // for each of fars
	best            place
	bestGain        float64
	judged          place
}

// place is a point of the curve.
type place struct {
	square          float64 // what is accepted is up to here
	accepted, wrong float64
}

// step is one squared distance that positive pairs have: how many, and how many
// negative pairs lie between it and the one before, and at it.
type step struct {
	square                  float64
	positives, below, equal int64
}

func newCurve(t Task, positives, negatives int64) *curve {
	c := &curve{distance: t.Distance, positives: float64(positives), negatives: float64(negatives), equal: -1, bestGain: math.Inf(-1)}
	if c.fars = t.FARs; c.fars == nil {
		c.fars = FARs()
	}
	c.at = make([]place, len(c.fars))
	if t.Threshold != nil {
		square := squareOf(t.Distance, *t.Threshold)
		c.threshold, c.given = t.Threshold, &square
	}
	return c
}

func (c *curve) step(s step) {
	below, equal, positives := float64(s.below), float64(s.equal), float64(s.positives)
	c.area += below*c.accepted + equal*(c.accepted+positives/2)
	c.meet(below, 0)
	c.wrong += below
	c.meet(equal, positives)
	c.wrong += equal
	c.accepted += positives
	here := place{s.square, c.accepted, c.wrong}
	if c.given != nil && s.square == *c.given {
		c.judged = here
	}
	if s.positives == 0 {
		return
	}
	c.precision += positives / c.positives * c.accepted / (c.accepted + c.wrong)
	for i, far := range c.fars {
		if c.wrong/c.negatives <= far {
			c.at[i] = here
		}
	}
	if gain := c.accepted/c.positives - c.wrong/c.negatives; gain > c.bestGain {
		c.best, c.bestGain = here, gain
	}
}

// meet looks for the equal error rate on a straight piece of the curve, along which so
// many more negatives and positives are accepted.
func (c *curve) meet(negatives, positives float64) {
	far, frr := c.wrong/c.negatives, 1-c.accepted/c.positives
	along, down := negatives/c.negatives, positives/c.positives
	if c.equal >= 0 || far+along < frr-down || along+down == 0 {
		return
	}
	c.equal = far + (frr-far)/(along+down)*along
}

func (c *curve) scores() Scores {
	rest := c.negatives - c.wrong
	c.area += rest * c.positives
	c.meet(rest, 0)
	s := Scores{
		Distance: c.distance, Positives: int64(c.positives), Negatives: int64(c.negatives),
		AUC: c.area / c.positives / c.negatives, AveragePrecision: c.precision, EqualErrorRate: c.equal,
		Best: c.decision(c.best, thresholdOf(c.distance, c.best.square)),
	}
	for i, far := range c.fars {
		tar := TAR{FAR: far}
		if c.negatives*far >= 1 {
			share := c.at[i].accepted / c.positives
			tar.TAR = &share
			if share > 0 {
				threshold := thresholdOf(c.distance, c.at[i].square)
				tar.Threshold = &threshold
			}
		}
		s.TAR = append(s.TAR, tar)
	}
	if c.given != nil {
		d := c.decision(c.judged, *c.threshold)
		s.Given = &d
	}
	return s
}

func (c *curve) decision(p place, threshold float64) Decision {
	d := Decision{Threshold: threshold, TAR: p.accepted / c.positives, FAR: p.wrong / c.negatives}
	d.Accuracy = (p.accepted + c.negatives - p.wrong) / (c.positives + c.negatives)
	d.BalancedAccuracy = (d.TAR + 1 - d.FAR) / 2
	return d
}

// squareOf is the squared distance of a threshold: between rows of length 1 that is
// twice what the cosine lacks to 1.
func squareOf(d eval.Distance, threshold float64) float64 {
	switch {
	case d == eval.Cosine:
		return 2 * (1 - threshold)
	case threshold < 0:
		return -1 // which accepts nothing
	}
	return threshold * threshold
}

// thresholdOf is the threshold that accepts a squared distance, but for rounding none
// above.
func thresholdOf(d eval.Distance, square float64) float64 {
	if d == eval.Cosine {
		threshold := 1 - square/2
		for squareOf(d, threshold) < square {
			threshold = math.Nextafter(threshold, math.Inf(-1))
		}
		return threshold
	}
	threshold := math.Sqrt(max(square, 0))
	for squareOf(d, threshold) < square {
		threshold = math.Nextafter(threshold, math.Inf(1))
	}
	return threshold
}
