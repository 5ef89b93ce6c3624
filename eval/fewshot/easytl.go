package fewshot

import (
	"math"

	"crossbatch/xbm/kernel"
)

// easyTLMost is the largest number of distances, classes × queries, of which EasyTL's
// programme is solved: they are held in memory.
const easyTLMost = 1 << 24

// easyTL stores in right which queries EasyTL gives the right class; false where there
// are too many. Distances are between queries and the mean of a class's support. A linear
// programme then gives all queries a class at once: with M_cq the share of query q that
// goes to class c,
//
//	minimise Σ D_cq·M_cq  where  0 ≤ M ≤ 1,  Σ_c M_cq = 1,  Σ_q M_cq ≥ 1.
//
// So no class is left without a query, and queries are not classified one by one, as by
// the other classifiers here: what one is given depends on which others are asked.
//
//	Jindong Wang, Yiqiang Chen, Han Yu, Meiyu Huang, Qiang Yang. Easy Transfer Learning
//	by Exploiting Intra-domain Structures. ICME 2019. https://arxiv.org/abs/1904.01376
//	(section 3.2)
//
// Unlike the paper's, support and queries are of one domain, so that nothing is aligned
// before.
func easyTL(right []bool, queries, centroids []float32, dim int, queryClass []int32, classes int) (ok bool) {
	n := len(queryClass)
	if classes*n > easyTLMost {
		return false
	}
	distances := make([]float32, classes*n)
	kernel.Parallel(classes, func(c int) {
		for q := range n {
			distances[c*n+q] = float32(math.Sqrt(kernel.SquaredDistance(centroids[c*dim:(c+1)*dim], queries[q*dim:(q+1)*dim])))
		}
	})
	for q, c := range intraDomain(distances, classes, n) {
		right[q] = int32(c) == queryClass[q]
	}
	return true
}

// intraDomain solves the programme for the distances (classes × n, row-major, which it
// overwrites): the class of each query. There are at least as many queries as classes.
//
// gonum's simplex holds a dense matrix of constraints, (classes + n) × classes·n: beyond
// a few dozen of both it takes more than a machine has. But the programme is a transport
// problem, so that some solution has no fractions; and in that one each class has a query
// that it is given for its own sake, each a different one, while all others may have their
// nearest class. So what is left to choose is an assignment of classes to queries, by how
// much farther a query is from the class than from its nearest. It is found by shortest
// augmenting paths:
//
//	Roy Jonker, Anton Volgenant. A Shortest Augmenting Path Algorithm for Dense and
//	Sparse Linear Assignment Problems. Computing 38, 1987.
//	https://doi.org/10.1007/BF02278710
func intraDomain(distances []float32, classes, n int) (class []int) {
	class = make([]int, n)
	for q := range n {
		for c := range classes {
			if distances[c*n+q] < distances[class[q]*n+q] {
				class[q] = c
			}
		}
		least := distances[class[q]*n+q]
		for c := range classes {
			distances[c*n+q] -= least
		}
	}
	for q, c := range assign(distances, classes, n) {
		if c >= 0 {
			class[q] = c
		}
	}
	return class
}

// assign gives each of the rows (rows × n costs, none negative, rows ≤ n) a column of its
// own at the least sum of costs: the row of each column, -1 for none.
func assign(costs []float32, rows, n int) (row []int) {
	row = make([]int, n)
	for j := range row {
		row[j] = -1
	}
	// Prices keep costs[i][j] - own[i] - price[j] at 0 or above, and at 0 where i has j.
	own, price := make([]float64, rows), make([]float64, n)
	reach, from, done := make([]float64, n), make([]int, n), make([]bool, n)
	for first := range rows {
		for j := range n {
			reach[j], from[j], done[j] = math.Inf(1), -1, false
		}
		var path []int // columns in the order they were reached
		at, last, length := first, -1, 0.0
		for at >= 0 {
			next := -1
			for j := range n {
				if done[j] {
					continue
				}
				if to := length + float64(costs[at*n+j]) - own[at] - price[j]; to < reach[j] {
					reach[j], from[j] = to, last
				}
				if next < 0 || reach[j] < reach[next] || reach[j] == reach[next] && row[j] < 0 && row[next] >= 0 {
					next = j
				}
			}
			done[next], last, length = true, next, reach[next]
			path = append(path, next)
			at = row[next]
		}
		own[first] += length
		for _, j := range path {
			if i := row[j]; i >= 0 {
				own[i] += length - reach[j]
			}
			price[j] -= length - reach[j]
		}
		for last >= 0 {
			before := from[last]
			if row[last] = first; before >= 0 {
				row[last] = row[before]
			}
			last = before
		}
	}
	return row
}
