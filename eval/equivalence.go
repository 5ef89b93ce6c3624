package eval

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Equivalence is what paired differences say about whether two things are equal within a
// margin. That their interval holds zero does not: few or scattered differences always
// do that.
type Equivalence struct {
	Mean float64 // of the differences
	Half float64 // half the width of their 90 % interval; NaN of fewer than two
	P    float64 // larger p of the two one-sided tests; NaN of fewer than two
}

// Equivalent tests, at 5 %, that the mean of the differences is within ±margin, by two
// one-sided t tests: that it is above -margin, and that it is below margin. Both reject
// where the 90 % interval lies within the margin.
//
//	Donald J. Schuirmann. A comparison of the Two One-Sided Tests Procedure and the
//	Power Approach for assessing the equivalence of average bioavailability. Journal of
//	Pharmacokinetics and Biopharmaceutics 15, 1987. https://doi.org/10.1007/BF01068419
func Equivalent(differences []float64, margin float64) Equivalence {
	n := float64(len(differences))
	e := Equivalence{Mean: math.NaN(), Half: math.NaN(), P: math.NaN()}
	if n > 0 {
		e.Mean = stat.Mean(differences, nil)
	}
	if n < 2 {
		return e
	}
	t := distuv.StudentsT{Sigma: 1, Nu: n - 1}
	deviation := stat.StdDev(differences, nil) / math.Sqrt(n)
	e.Half = t.Quantile(0.95) * deviation
	// The test against the nearer end has the larger p.
	switch room := margin - math.Abs(e.Mean); {
	case deviation > 0:
		e.P = t.Survival(room / deviation)
	case room > 0:
		e.P = 0
	default:
		e.P = 1
	}
	return e
}

// Within tells whether the differences are equivalent at 5 %.
func (e Equivalence) Within() bool { return e.P < 0.05 }
