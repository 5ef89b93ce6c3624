package eval

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Nested is what scores over several splits of the classes, with several seeds within
// each, say of their mean: a one-way random effects model,
//
//	score of seed j within split i = mean + effect of split i + effect of seed j there,
//
// by the analysis of variance of
//
//	Shayle R. Searle, George Casella, Charles E. McCulloch. Variance Components. Wiley
//	1992, chapter 3. https://doi.org/10.1002/9780470316856
//
// Seeds of different splits have to be different seeds.
type Nested struct {
	Mean float64 // of the splits' means
	// Half is half the width of the 95 % interval of the mean over splits and seeds, by
	// Student's t with one degree of freedom less than there are splits: what to expect
	// of other classes of the same set. NaN of fewer than two splits.
	Half float64
	// Within is the same over seeds alone: what to expect of other seeds on these very
	// splits. NaN where no split has two seeds.
	Within float64
	// Splits and Seeds are the standard deviations of the two effects. Splits is 0 where
	// the splits' means scatter no more than seeds alone would make them.
	Splits, Seeds float64
}

// NestedInterval is what scores, those of each split in a slice of their own, say of their
// mean. Splits without scores do not count. The intervals are exact where all splits have as
// many scores, and effects are normal.
func NestedInterval(splits [][]float64) Nested {
	var all, means, counts []float64
	var squares, reciprocals, within, between float64
	for _, scores := range splits {
		if len(scores) == 0 {
			continue
		}
		n, mean := float64(len(scores)), stat.Mean(scores, nil)
		all, means, counts = append(all, scores...), append(means, mean), append(counts, n)
		squares, reciprocals = squares+n*n, reciprocals+1/n
		for _, x := range scores {
			within += (x - mean) * (x - mean)
		}
	}
	r := Nested{Within: math.NaN(), Splits: math.NaN(), Seeds: math.NaN()}
	r.Mean, r.Half = Interval(means)
	total, groups := float64(len(all)), float64(len(means))
	freedom := total - groups
	if freedom == 0 {
		return r
	}
	within /= freedom // mean square
	r.Seeds = math.Sqrt(within)
	r.Within = distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile(0.975) * math.Sqrt(within*reciprocals) / groups
	if groups < 2 {
		return r
	}
	grand := stat.Mean(all, nil)
	for i, mean := range means {
		between += counts[i] * (mean - grand) * (mean - grand)
	}
	each := (total - squares/total) / (groups - 1) // scores of a split, where they are unequal
	r.Splits = math.Sqrt(max(0, (between/(groups-1)-within)/each))
	return r
}
