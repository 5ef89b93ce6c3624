package graph

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"crossbatch/xbm/kernel"
)

// BLAS is gonum's with float32 matrix products by xbm/kernel: for gorgonia's own
// products, in networks other than this package's. The networks here do not go
// through it.
//
//	gorgonia.Use(graph.BLAS{})
type BLAS struct{ gonum.Implementation }

// Sgemm stores c = alpha·op(a)·op(b) + beta·c, as BLAS has it: row-major, op(a)
// m×k, op(b) k×n, and with a or b transposed where tA or tB says so. It panics
// where the shapes do not fit.
func (BLAS) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	kernel.Gemm(m, n, k, alpha,
		kernel.Mat{Data: a, Stride: lda, Trans: tA != blas.NoTrans},
		kernel.Mat{Data: b, Stride: ldb, Trans: tB != blas.NoTrans},
		beta, kernel.Mat{Data: c, Stride: ldc})
}
