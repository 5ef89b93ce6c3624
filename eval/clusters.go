package eval

import (
	"fmt"
	"math"
	"slices"
)

// Agreement returns how far a clustering agrees with the labels: normalised
// mutual information and adjusted mutual information, both with the arithmetic
// mean of the entropies as norm. They are 1 where the two are the same up to
// names; adjusted, chance is 0.
//
//	Nguyen Xuan Vinh, Julien Epps, James Bailey. Information Theoretic Measures
//	for Clusterings Comparison. JMLR 11, 2010.
//	https://jmlr.org/papers/v11/vinh10a.html (equation 24a)
func Agreement(labels, clusters []int32) (nmi, ami float64, err error) {
	if len(labels) != len(clusters) || len(labels) == 0 {
		return 0, 0, fmt.Errorf("eval: %d labels and %d clusters: give as many, at least one", len(labels), len(clusters))
	}
	rows, columns := counts(labels), counts(clusters)
	cells := map[[2]int32]int{}
	var order [][2]int32
	for i, l := range labels {
		cell := [2]int32{l, clusters[i]}
		if cells[cell] == 0 {
			order = append(order, cell)
		}
		cells[cell]++
	}
	n := float64(len(labels))
	if len(rows) == 1 && len(columns) == 1 || len(rows) == len(labels) && len(columns) == len(labels) {
		return 1, 1, nil
	}
	var mutual float64
	rowOf, columnOf := map[int32]float64{}, map[int32]float64{}
	for i, l := range labels {
		rowOf[l]++
		columnOf[clusters[i]]++
	}
	for _, cell := range order {
		c := float64(cells[cell])
		mutual += c / n * math.Log(n*c/(rowOf[cell[0]]*columnOf[cell[1]]))
	}
	norm := (entropy(rows, n) + entropy(columns, n)) / 2
	expected := expectedMutual(rows, columns, len(labels))
	return max(0, mutual) / norm, (mutual - expected) / (norm - expected), nil
}

// counts are the sizes of the classes, in order of first appearance.
func counts(labels []int32) []int {
	place := map[int32]int{}
	var sizes []int
	for _, l := range labels {
		i, seen := place[l]
		if !seen {
			i = len(sizes)
			place[l] = i
			sizes = append(sizes, 0)
		}
		sizes[i]++
	}
	return sizes
}

func entropy(sizes []int, n float64) float64 {
	var sum float64
	for _, s := range sizes {
		sum -= float64(s) / n * math.Log(float64(s)/n)
	}
	return sum
}

// expectedMutual is the mutual information to be expected of two labelings with
// these class sizes by chance: a sum over hypergeometric probabilities.
func expectedMutual(rows, columns []int, n int) float64 {
	factorial := func(k int) float64 {
		v, _ := math.Lgamma(float64(k + 1))
		return v
	}
	var sum float64
	rows, timesA := distinct(rows)
	columns, timesB := distinct(columns)
	for i, a := range rows {
		for j, b := range columns {
			times := float64(timesA[i] * timesB[j])
			for c := max(1, a+b-n); c <= min(a, b); c++ {
				p := factorial(a) + factorial(b) + factorial(n-a) + factorial(n-b) -
					factorial(n) - factorial(c) - factorial(a-c) - factorial(b-c) - factorial(n-a-b+c)
				information := float64(c) / float64(n) * math.Log(float64(n)*float64(c)/(float64(a)*float64(b)))
				sum += times * information * math.Exp(p)
			}
		}
	}
	return sum
}

// distinct returns the different sizes, ascending, and how often each occurs.
func distinct(sizes []int) (values, times []int) {
	sorted := slices.Sorted(slices.Values(sizes))
	for i, s := range sorted {
		if i == 0 || s != sorted[i-1] {
			values, times = append(values, s), append(times, 0)
		}
		times[len(times)-1]++
	}
	return values, times
}
