package eval

import (
	"math/rand/v2"
	"slices"

	"crossbatch/xbm/kernel"
)

// Bootstrap are bounds of the means: of as many resamples of the queries, drawn
// with replacement, 95 % have means between Low and High.
//
//	Bradley Efron. Bootstrap Methods: Another Look at the Jackknife. The Annals
//	of Statistics 7, 1979. https://doi.org/10.1214/aos/1176344552 (the
//	percentile method)
//
// They say how far the scores depend on which queries there are, not on the seed
// of the training: that is [Interval] of several.
type Bootstrap struct {
	Resamples int   `json:"resamples"`
	Low       Means `json:"low"`
	High      Means `json:"high"`
}

func (r Retrieval) bootstrap(queries []queryScore) *Bootstrap {
	resamples := make([]Means, r.Resamples)
	kernel.Parallel(r.Resamples, func(i int) {
		rng := rand.New(rand.NewPCG(r.Seed, uint64(i)))
		places := make([]int, len(queries))
		for k := range places {
			places[k] = rng.IntN(len(queries))
		}
		resamples[i] = r.means(queries, places)
	})
	b := &Bootstrap{Resamples: r.Resamples, Low: r.means(queries, nil), High: r.means(queries, nil)}
	values := make([]float64, r.Resamples)
	low, high := b.Low.numbers(), b.High.numbers()
	of := make([][]*float64, r.Resamples)
	for i := range resamples {
		of[i] = resamples[i].numbers()
	}
	for k := range low {
		for i := range of {
			values[i] = *of[i][k]
		}
		slices.Sort(values)
		*low[k], *high[k] = percentile(values, 0.025), percentile(values, 0.975)
	}
	return b
}

// percentile is the value below which a share of sorted values lies, between two
// of them by their distance.
func percentile(sorted []float64, share float64) float64 {
	at := share * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
