package study

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// tpe is the tree-structured Parzen estimator of
//
//	James Bergstra, Rémi Bardenet, Yoshua Bengio, Balázs Kégl. Algorithms for
//	Hyper-Parameter Optimization. NeurIPS 2011, section 4.
//	https://proceedings.neurips.cc/paper/2011/hash/86e8f7ab32cfd12577bc2619bc635690-Abstract.html
//
// The trials so far are parted into the best few and the rest; a point is drawn from a
// density of the best, out of some that with the highest ratio to the density of the rest.
//
// Unlike there, a density is one mixture over all dimensions, so that settings that matter
// together are seen together, with a kernel's width by the number of trials and dimensions
// (Stefan Falkner, Aaron Klein, Frank Hutter. BOHB. ICML 2018,
// https://arxiv.org/abs/1807.01774; Shuhei Watanabe. Tree-Structured Parzen Estimator.
// 2023, https://arxiv.org/abs/2304.11127, sections 3.2 and 3.3). Points lie in the unit
// cube.
type tpe struct {
	seed uint64
}

const (
	tpeStream     = 0x79e   // parts its draws from those of random searches
	tpeCandidates = 24      // points that are compared
	tpeShare      = 0.15    // of the trials that are the best few
	tpeWidth      = 0.2     // of a kernel among two trials, of the unit
	tpeLeastWidth = 1. / 50 // so that a kernel does not close on one point
)

// propose is the point of trial number len(scores), given the points of those before and what
// they came to: the higher the better, NaN of what failed. It depends on nothing else.
func (t tpe) propose(points [][]float64, scores []float64) []float64 {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	// NaN is less than any number to cmp: those are the last.
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	dim, best := len(points[0]), int(math.Ceil(tpeShare*float64(len(order))))
	good, rest := newParzen(points, order[:best], dim), newParzen(points, order[best:], dim)
	random := rand.New(rand.NewPCG(t.seed, tpeStream+uint64(len(scores))))
	var chosen []float64
	highest := math.Inf(-1)
	for range tpeCandidates {
		x := good.draw(random)
		if gain := good.log(x) - rest.log(x); chosen == nil || gain > highest {
			chosen, highest = x, gain
		}
	}
	return chosen
}

// parzen is a density over the unit cube: an even one, and a kernel at each of some points,
// all of one weight. A kernel is normal in each dimension, cut off at the cube's faces.
type parzen struct {
	centers [][]float64
	cut     []float64 // logarithm of the share of each kernel that lies in the cube
	width   float64
	dim     int
}

func newParzen(points [][]float64, index []int, dim int) parzen {
	p := parzen{dim: dim, width: tpeWidth}
	for _, i := range index {
		p.centers = append(p.centers, points[i])
	}
	if n := len(p.centers); n > 2 {
		p.width = max(tpeLeastWidth, tpeWidth*math.Pow(float64(n)/2, -1/float64(dim+4)))
	}
	for _, center := range p.centers {
		share := 1.
		for _, c := range center {
			kernel := distuv.Normal{Mu: c, Sigma: p.width}
			share *= kernel.CDF(1) - kernel.CDF(0)
		}
		p.cut = append(p.cut, math.Log(share))
	}
	return p
}

// draw is a point of the density.
func (p parzen) draw(random *rand.Rand) []float64 {
	x := make([]float64, p.dim)
	k := random.IntN(len(p.centers) + 1)
	for d := range x {
		u := random.Float64()
		if k == len(p.centers) {
			x[d] = u
			continue
		}
		kernel := distuv.Normal{Mu: p.centers[k][d], Sigma: p.width}
		low, high := kernel.CDF(0), kernel.CDF(1)
		x[d] = max(0, min(1, kernel.Quantile(low+u*(high-low))))
	}
	return x
}

// log is the density's logarithm at x.
func (p parzen) log(x []float64) float64 {
	logs := []float64{0} // the even one
	for k, center := range p.centers {
		sum := -p.cut[k]
		for d, v := range x {
			sum += distuv.Normal{Mu: center[d], Sigma: p.width}.LogProb(v)
		}
		logs = append(logs, sum)
	}
	high, total := slices.Max(logs), 0.
	for _, l := range logs {
		total += math.Exp(l - high)
	}
	return high + math.Log(total/float64(len(logs)))
}
