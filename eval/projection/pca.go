package projection

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"crossbatch/xbm/kernel"

	"gonum.org/v1/gonum/mat"
)

// PCA projects rows to the directions in which rows like them vary most.
type PCA struct {
	dim, components int
	mean            []float32
	directions      []float32 // dim × components, orthonormal columns
}

// How closely the directions are found.
const (
	pcaSpare  = 16 // directions that are sought beyond those asked for
	pcaRounds = 4
)

// NewPCA finds the first components principal directions of rows (n×dim), by
// powers of a random start: close for the leading ones, however many dimensions
// there are.
//
//	Nathan Halko, Per-Gunnar Martinsson, Joel A. Tropp. Finding Structure with
//	Randomness. SIAM Review 53, 2011. https://arxiv.org/abs/0909.4061
//	(algorithm 4.4)
func NewPCA(rows []float32, dim, components int, seed uint64) (*PCA, error) {
	if dim < 1 || len(rows)%dim != 0 || len(rows) == 0 {
		return nil, fmt.Errorf("projection: %d numbers in rows of %d", len(rows), dim)
	}
	n := len(rows) / dim
	if components < 1 || components > min(n, dim) {
		return nil, fmt.Errorf("projection: %d principal components of %d rows of %d: give 1 to %d", components, n, dim, min(n, dim))
	}
	p := &PCA{dim: dim, components: components, mean: columnMeans(rows, dim)}
	centered := center(rows, p.mean)
	width := min(components+pcaSpare, n, dim)
	basis, image := make([]float32, dim*width), make([]float32, n*width)
	rng := rand.New(rand.NewPCG(seed, 0x9ca))
	for i := range basis {
		basis[i] = float32(rng.NormFloat64())
	}
	x := kernel.Mat{Data: centered, Stride: dim}
	for range pcaRounds {
		orthonormalize(basis, dim, width)
		kernel.Gemm(n, width, dim, 1, x, kernel.Mat{Data: basis, Stride: width}, 0, kernel.Mat{Data: image, Stride: width})
		kernel.Gemm(dim, width, n, 1, kernel.Mat{Data: centered, Stride: dim, Trans: true},
			kernel.Mat{Data: image, Stride: width}, 0, kernel.Mat{Data: basis, Stride: width})
	}
	orthonormalize(basis, dim, width)
	kernel.Gemm(n, width, dim, 1, x, kernel.Mat{Data: basis, Stride: width}, 0, kernel.Mat{Data: image, Stride: width})
	gram := make([]float32, width*width)
	kernel.Gemm(width, width, n, 1, kernel.Mat{Data: image, Stride: width, Trans: true},
		kernel.Mat{Data: image, Stride: width}, 0, kernel.Mat{Data: gram, Stride: width})
	vectors, err := eigenvectors(gram, width)
	if err != nil {
		return nil, err
	}
	turn := make([]float32, width*components)
	for r := range width {
		for c := range components {
			turn[r*components+c] = float32(vectors.At(r, c))
		}
	}
	p.directions = make([]float32, dim*components)
	kernel.Gemm(dim, components, width, 1, kernel.Mat{Data: basis, Stride: width},
		kernel.Mat{Data: turn, Stride: components}, 0, kernel.Mat{Data: p.directions, Stride: components})
	return p, nil
}

// Project returns the components of rows (n×dim), n×components.
func (p *PCA) Project(rows []float32) []float32 {
	n := len(rows) / p.dim
	out := make([]float32, n*p.components)
	kernel.Gemm(n, p.components, p.dim, 1, kernel.Mat{Data: center(rows, p.mean), Stride: p.dim},
		kernel.Mat{Data: p.directions, Stride: p.components}, 0, kernel.Mat{Data: out, Stride: p.components})
	return out
}

// Center returns the means of the columns of rows (n×dim), and the rows less them.
func Center(rows []float32, dim int) (mean, centered []float32) {
	mean = columnMeans(rows, dim)
	return mean, center(rows, mean)
}

func center(rows, mean []float32) []float32 {
	centered := slices.Clone(rows)
	for row := range slices.Chunk(centered, len(mean)) {
		kernel.Axpy(row, -1, mean)
	}
	return centered
}

// orthonormalize makes the columns of x (rows × columns) orthonormal.
func orthonormalize(x []float32, rows, columns int) {
	wide := mat.NewDense(rows, columns, nil)
	for i, v := range x {
		wide.Set(i/columns, i%columns, float64(v))
	}
	var qr mat.QR
	qr.Factorize(wide)
	var q mat.Dense
	qr.QTo(&q)
	for i := range x {
		x[i] = float32(q.At(i/columns, i%columns))
	}
}

// eigenvectors returns those of a symmetric matrix in the columns, the one of the
// largest eigenvalue first.
func eigenvectors(gram []float32, dim int) (*mat.Dense, error) {
	wide := make([]float64, len(gram))
	for i, v := range gram {
		wide[i] = float64(v)
	}
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(dim, wide), true) {
		return nil, errors.New("projection: the directions were not found: are there infinities?")
	}
	var ascending mat.Dense
	e.VectorsTo(&ascending)
	vectors := mat.NewDense(dim, dim, nil)
	for c := range dim {
		vectors.SetCol(dim-1-c, mat.Col(nil, c, &ascending))
	}
	return vectors, nil
}

// columnMeans are those of the columns of rows (n×dim).
func columnMeans(rows []float32, dim int) []float32 {
	sums := make([]float64, dim)
	for i, v := range rows {
		sums[i%dim] += float64(v)
	}
	means := make([]float32, dim)
	for j, sum := range sums {
		means[j] = float32(sum / float64(len(rows)/dim))
	}
	return means
}
