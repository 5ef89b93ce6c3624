package eval

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Interval returns the mean of a sample and half the width of its 95 %
// confidence interval by Student's t with n-1 degrees of freedom, as for the
// scores of several seeds. The half width of fewer than two values is not known:
// NaN; so is the mean of none.
func Interval(sample []float64) (mean, half float64) {
	if len(sample) == 0 {
		return math.NaN(), math.NaN()
	}
	mean = stat.Mean(sample, nil)
	if len(sample) < 2 {
		return mean, math.NaN()
	}
	n := float64(len(sample))
	t := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(0.975)
	return mean, t * stat.StdDev(sample, nil) / math.Sqrt(n)
}
