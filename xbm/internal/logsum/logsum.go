// Package logsum takes logarithms of sums of exponentials, term by term.
package logsum

import "math"

// Sum is a running log Σ eˣ that cannot overflow: the terms so far are e^Top·Terms.
// Start it with [Empty], or, where a term of 1 belongs to the sum, with [One].
type Sum struct{ Top, Terms float64 }

// Empty is the sum of no terms.
func Empty() Sum { return Sum{Top: math.Inf(-1)} }

// One is a sum of the one term e⁰.
func One() Sum { return Sum{Top: 0, Terms: 1} }

// IsEmpty reports whether there is no term.
func (l *Sum) IsEmpty() bool { return math.IsInf(l.Top, -1) }

// Add takes in one more term eˣ, x finite.
func (l *Sum) Add(x float64) {
	if x <= l.Top {
		l.Terms += math.Exp(x - l.Top)
		return
	}
	// e^-Inf·0 is 0: an empty sum needs no case of its own.
	l.Terms = l.Terms*math.Exp(l.Top-x) + 1
	l.Top = x
}

// AddTimes takes in a term eˣ several times.
func (l *Sum) AddTimes(x, times float64) {
	if times != 1 {
		x += math.Log(times)
	}
	l.Add(x)
}

// Join takes in all terms of another sum that has any.
func (l *Sum) Join(o Sum) {
	if o.Top > l.Top {
		*l, o = o, *l
	}
	l.Terms += o.Terms * math.Exp(o.Top-l.Top)
}

// Value is the logarithm of the sum, -Inf of an empty one.
func (l *Sum) Value() float64 { return l.Top + math.Log(l.Terms) }

// Share is the part that eˣ has of a sum with logarithm log.
func Share(x, log float64) float64 { return math.Exp(x - log) }
