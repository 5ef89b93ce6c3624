package fewshot

import (
	"math"
	"slices"

	"crossbatch/eval"
	"crossbatch/xbm/kernel"
)

// The classifier of neighbours' numbers, that of the source below but for the
// neighbours, which are 200 there, of a million.
const (
	voters          = 20
	voteTemperature = 0.07
)

// vote stores in right which queries the nearest rows of the support, by direction,
// give the right class: each votes for its own with e^(cosine/0.07). Classes count
// from 0; of classes with equal votes, the first is taken.
//
//	Zhirong Wu, Yuanjun Xiong, Stella X. Yu, Dahua Lin. Unsupervised Feature Learning
//	via Non-Parametric Instance Discrimination. CVPR 2018.
//	https://arxiv.org/abs/1805.01978 (section 3.4)
func vote(right []bool, queries, support []float32, dim int, queryClass, supportClass []int32, classes int) error {
	queries, support = slices.Clone(queries), slices.Clone(support)
	eval.Normalize(queries, dim)
	eval.Normalize(support, dim)
	k := min(voters, len(supportClass))
	return eval.SearchGallery(queries, support, dim, k, func(q int, nearest []int32) {
		votes := make([]float64, classes)
		for _, i := range nearest {
			cosine := kernel.Dot(queries[q*dim:(q+1)*dim], support[int(i)*dim:(int(i)+1)*dim])
			votes[supportClass[i]] += math.Exp((float64(cosine) - 1) / voteTemperature)
		}
		best := 0
		for c, v := range votes {
			if v > votes[best] {
				best = c
			}
		}
		right[q] = int32(best) == queryClass[q]
	})
}
