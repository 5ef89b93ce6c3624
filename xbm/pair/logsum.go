package pair

import "math"

// logSum is a running log Σ eˣ that cannot overflow: the terms so far are
// e^top·sum. Start it with [emptyLogSum], or, where a term of 1 belongs to the
// sum, with [oneLogSum].
type logSum struct{ top, sum float64 }

func emptyLogSum() logSum { return logSum{top: math.Inf(-1)} }

func oneLogSum() logSum { return logSum{top: 0, sum: 1} }

// add takes in one more term eˣ, x finite.
func (l *logSum) add(x float64) {
	if x <= l.top {
		l.sum += math.Exp(x - l.top)
		return
	}
	// e^-Inf·0 is 0: an empty sum needs no case of its own.
	l.sum = l.sum*math.Exp(l.top-x) + 1
	l.top = x
}

// value is the logarithm of the sum, -Inf of an empty one.
func (l *logSum) value() float64 { return l.top + math.Log(l.sum) }

// share is the part eˣ of a sum with logarithm log.
func share(x, log float64) float64 { return math.Exp(x - log) }

// addTimes takes in a term eˣ several times.
func (l *logSum) addTimes(x, times float64) {
	if times != 1 {
		x += math.Log(times)
	}
	l.add(x)
}

// join takes in all terms of another sum that has any.
func (l *logSum) join(o logSum) {
	if o.top > l.top {
		*l, o = o, *l
	}
	l.sum += o.sum * math.Exp(o.top-l.top)
}
