// Package fewshot scores embeddings by what simple classifiers learn from a few of each
// class: the nearest class mean, a linear map, the votes of neighbours, EasyTL's linear programme.
package fewshot

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"crossbatch/eval"
	"crossbatch/eval/projection"
	"crossbatch/xbm/kernel"

	"gonum.org/v1/gonum/mat"
)

// Scores is what a simple classifier makes of embeddings: it learns from half of
// each class and is right about this share of the other half.
type Scores struct {
	// Centroid goes by the nearest class mean.
	Centroid float64 `json:"nearest_centroid"`
	// Linear goes by the largest of a linear map to a number for each class, by
	// regularised least squares.
	Linear float64 `json:"linear"`
	// Neighbors goes by the votes of the 20 nearest.
	Neighbors float64 `json:"knn"`
	// EasyTL goes by the nearest class mean, but gives all queries a class at once, and
	// no class is without one: a linear programme. Nil where classes × queries are more
	// than 2^24.
	EasyTL  *float64 `json:"easytl,omitempty"`
	Queries int      `json:"queries"`
}

// ridge is the regularisation, as a share of the mean variance of a dimension.
const ridge = 0.01

// Score classifies embeddings (n×dim), half of each class, drawn by seed, from the
// other half; where a class has an odd number, the learning half is the smaller,
// but for one at least. Classes of one embedding are left out.
func Score(embeddings []float32, dim int, labels []int32, seed uint64) (Scores, error) {
	var f Scores
	if dim < 1 || len(embeddings) != dim*len(labels) {
		return f, fmt.Errorf("fewshot: %d numbers for %d labels and embeddings of %d", len(embeddings), len(labels), dim)
	}
	for i, x := range embeddings {
		if x-x != 0 {
			return f, fmt.Errorf("fewshot: embedding %d has %g at place %d: want finite numbers", i/dim, x, i%dim)
		}
	}
	rng := rand.New(rand.NewPCG(seed, 0x5407))
	var support, queries, centroids []float32
	var supportClass, queryClass []int32
	classes := 0
	for _, class := range eval.ByClass(labels) {
		if len(class) < 2 {
			continue
		}
		rng.Shuffle(len(class), func(i, j int) { class[i], class[j] = class[j], class[i] })
		for k, i := range class {
			row := embeddings[i*dim : (i+1)*dim]
			if k < len(class)/2 {
				support, supportClass = append(support, row...), append(supportClass, int32(classes))
			} else {
				queries, queryClass = append(queries, row...), append(queryClass, int32(classes))
			}
		}
		centroids = append(centroids, make([]float32, dim)...)
		eval.MeanRow(centroids[classes*dim:], embeddings, class[:len(class)/2])
		classes++
	}
	if classes < 2 {
		return f, eval.ErrNoPartner
	}
	f.Queries = len(queryClass)
	right := make([]bool, len(queryClass))
	share := func() float64 {
		n := 0
		for _, r := range right {
			if r {
				n++
			}
		}
		return float64(n) / float64(len(right))
	}
	err := eval.SearchGallery(queries, centroids, dim, 1, func(q int, nearest []int32) { right[q] = nearest[0] == queryClass[q] })
	if err != nil {
		return f, err
	}
	f.Centroid = share()
	if easyTL(right, queries, centroids, dim, queryClass, classes) {
		found := share()
		f.EasyTL = &found
	}
	if err := vote(right, queries, support, dim, queryClass, supportClass, classes); err != nil {
		return f, err
	}
	f.Neighbors = share()
	weights, bias, err := leastSquares(support, dim, supportClass, classes)
	if err != nil {
		return f, err
	}
	const block = 64
	kernel.Parallel((len(queryClass)+block-1)/block, func(b int) {
		first, rows := b*block, min(block, len(queryClass)-b*block)
		scores := make([]float32, rows*classes)
		for i := range rows {
			copy(scores[i*classes:], bias)
		}
		kernel.GemmSerial(rows, classes, dim, 1, kernel.Mat{Data: queries[first*dim:], Stride: dim},
			kernel.Mat{Data: weights, Stride: classes}, 1, kernel.Mat{Data: scores, Stride: classes})
		for i := range rows {
			best := 0
			for c, s := range scores[i*classes : (i+1)*classes] {
				if s > scores[i*classes+best] {
					best = c
				}
			}
			right[first+i] = int32(best) == queryClass[first+i]
		}
	})
	f.Linear = share()
	return f, nil
}

var errNoMap = errors.New("fewshot: the linear map was not found: are there infinities?")

// leastSquares returns the linear map (dim × classes) and its constant that bring
// rows nearest to 1 for their class and 0 for the others.
func leastSquares(x []float32, dim int, class []int32, classes int) (weights, bias []float32, err error) {
	n := len(class)
	mean, centered := projection.Center(x, dim)
	gram := make([]float32, dim*dim)
	kernel.Gemm(dim, dim, n, 1, kernel.Mat{Data: centered, Stride: dim, Trans: true},
		kernel.Mat{Data: centered, Stride: dim}, 0, kernel.Mat{Data: gram, Stride: dim})
	var trace float64
	for i := range dim {
		trace += float64(gram[i*dim+i])
	}
	wide := mat.NewSymDense(dim, nil)
	for i := range dim {
		for j := i; j < dim; j++ {
			wide.SetSym(i, j, float64(gram[i*dim+j]))
		}
		wide.SetSym(i, i, wide.At(i, i)+ridge*trace/float64(dim)+1e-12)
	}
	var factor mat.Cholesky
	if !factor.Factorize(wide) {
		return nil, nil, errNoMap
	}
	// Of the centred rows, the sum of a class is its right-hand side.
	sums := mat.NewDense(dim, classes, nil)
	for i, c := range class {
		for j, v := range centered[i*dim : (i+1)*dim] {
			sums.Set(j, int(c), sums.At(j, int(c))+float64(v))
		}
	}
	var solved mat.Dense
	if err := factor.SolveTo(&solved, sums); err != nil {
		return nil, nil, errNoMap
	}
	weights, bias = make([]float32, dim*classes), make([]float32, classes)
	for c := range classes {
		var at float64
		for j := range dim {
			weights[j*classes+c] = float32(solved.At(j, c))
			at += solved.At(j, c) * float64(mean[j])
		}
		bias[c] = float32(-at)
	}
	for _, c := range class {
		bias[c] += 1 / float32(n)
	}
	return weights, bias, nil
}
