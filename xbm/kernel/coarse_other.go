//go:build !amd64

package kernel

func coarseProduct(c []float32, ldc int, a, b []uint16, rows, cols, steps int) {
	coarsePortable(c, ldc, a, b, rows, cols, steps)
}

func (kind) toBrains(dst []uint16, src []float32) { toBrainsPortable(dst, src) }
