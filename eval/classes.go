package eval

import "crossbatch/xbm/kernel"

// ByClass lists the rows of each class, the classes by first appearance.
func ByClass(labels []int32) [][]int {
	place := map[int32]int{}
	var classes [][]int
	for i, l := range labels {
		c, seen := place[l]
		if !seen {
			c = len(classes)
			place[l] = c
			classes = append(classes, nil)
		}
		classes[c] = append(classes[c], i)
	}
	return classes
}

// MeanRow stores in dst (dim) the mean of some rows of x (n×dim): of a class, its centre.
func MeanRow(dst, x []float32, rows []int) {
	clear(dst)
	for _, i := range rows {
		kernel.Axpy(dst, 1/float32(len(rows)), x[i*len(dst):(i+1)*len(dst)])
	}
}
