package fewshot

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The votes are those of a full sort, in float64.
func TestVoteEqualsItsTwin(t *testing.T) {
	const dim, classes = 5, 7
	for _, supports := range []int{3, 19, 150} {
		rng := rand.New(rand.NewPCG(uint64(supports), 9))
		support, supportClass := make([]float32, supports*dim), make([]int32, supports)
		queries, queryClass := make([]float32, 60*dim), make([]int32, 60)
		for _, x := range [][]float32{support, queries} {
			for i := range x {
				x[i] = float32(rng.NormFloat64())
			}
		}
		for _, c := range [][]int32{supportClass, queryClass} {
			for i := range c {
				c[i] = int32(rng.IntN(classes))
			}
		}
		right := make([]bool, 60)
		if err := vote(right, queries, support, dim, queryClass, supportClass, classes); err != nil {
			t.Fatal(err)
		}
		cosine := func(q, i int) float64 {
			var dot, a, b float64
			for d := range dim {
				x, y := float64(queries[q*dim+d]), float64(support[i*dim+d])
				dot, a, b = dot+x*y, a+x*x, b+y*y
			}
			return dot / math.Sqrt(a*b)
		}
		for q := range right {
			order := make([]int, supports)
			for i := range order {
				order[i] = i
			}
			slices.SortFunc(order, func(i, j int) int {
				if cosine(q, i) > cosine(q, j) {
					return -1
				}
				return 1
			})
			var votes [classes]float64
			for _, i := range order[:min(20, supports)] {
				votes[supportClass[i]] += math.Exp(cosine(q, i) / 0.07)
			}
			best := 0
			for c, v := range votes {
				if v > votes[best] {
					best = c
				}
			}
			if right[q] != (best == int(queryClass[q])) {
				t.Errorf("%d rows, query %d: %t, its twin says class %d of %d", supports, q, right[q], best, queryClass[q])
			}
		}
	}
}
