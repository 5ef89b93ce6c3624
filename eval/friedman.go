package eval

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/stat/distuv"
)

// Friedman compares methods by their ranks within blocks: data sets, or repetitions that all
// methods have alike.
//
//	Janez Demšar. Statistical Comparisons of Classifiers over Multiple Data Sets. JMLR 7,
//	2006, section 3.2. https://www.jmlr.org/papers/v7/demsar06a.html
type Friedman struct {
	Ranks []float64 // mean rank of each method, 1 the best; ties share theirs
	P     float64   // of no difference among the methods, by Iman and Davenport's F
	// Critical is the difference of two mean ranks from which on the methods differ at 5 %,
	// whichever pair is looked at (Nemenyi).
	Critical float64
}

// CompareRanks takes scores[block][method], the higher the better. It wants two blocks and
// two methods at least, and finite scores.
func CompareRanks(scores [][]float64) (Friedman, error) {
	if len(scores) < 2 || len(scores[0]) < 2 {
		return Friedman{}, fmt.Errorf("eval: ranks: %d blocks: give at least two, of two methods or more", len(scores))
	}
	k := len(scores[0])
	f := Friedman{Ranks: make([]float64, k)}
	ties := 0.
	for i, block := range scores {
		if len(block) != k {
			return Friedman{}, fmt.Errorf("eval: ranks: block %d has %d methods, the first %d", i, len(block), k)
		}
		for m, x := range block {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return Friedman{}, fmt.Errorf("eval: ranks: score %g of method %d in block %d: give finite numbers", x, m, i)
			}
			above, same := 0, 0
			for _, y := range block {
				if y > x {
					above++
				} else if y == x {
					same++
				}
			}
			f.Ranks[m] += (float64(above) + float64(same+1)/2) / float64(len(scores))
			ties += float64(same*same - 1) // over a group of t: t³ - t
		}
	}
	n := float64(len(scores))
	f.P = friedmanP(f.Ranks, n, ties)
	f.Critical = nemenyi(k) * math.Sqrt(float64(k)*float64(k+1)/(6*n))
	return f, nil
}

// friedmanP is the test's p of mean ranks over n blocks.
func friedmanP(ranks []float64, n, ties float64) float64 {
	k := float64(len(ranks))
	square := 0.
	for _, r := range ranks {
		square += (r - (k+1)/2) * (r - (k+1)/2)
	}
	correction := 1 - ties/(n*k*(k*k-1))
	if correction <= 0 { // all scores are ties
		return 1
	}
	chi := 12 * n / (k * (k + 1)) * square / correction
	rest := n*(k-1) - chi
	if rest <= 1e-12*n*k { // every block ranks alike
		return 0
	}
	return distuv.F{D1: k - 1, D2: (k - 1) * (n - 1)}.Survival((n - 1) * chi / rest)
}

// nemenyi is the 95 % point of the range of k standard normal numbers, over √2.
func nemenyi(k int) float64 {
	normal := distuv.UnitNormal
	// P(range < q) = k ∫ φ(z) (Φ(z) - Φ(z-q))^(k-1) dz
	within := func(q float64) float64 {
		return float64(k) * quad.Fixed(func(z float64) float64 {
			return normal.Prob(z) * math.Pow(normal.CDF(z)-normal.CDF(z-q), float64(k-1))
		}, -9, 9+q, 400, quad.Legendre{}, 0)
	}
	low, high := 0., 20.
	for high-low > 1e-12 {
		if middle := (low + high) / 2; within(middle) < 0.95 {
			low = middle
		} else {
			high = middle
		}
	}
	return low / math.Sqrt2
}
