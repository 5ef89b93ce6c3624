package kernel

import "crossbatch/xbm/kernel/isa"

// coarseAMX stores the product of rows·32 rows and cols·32 columns, in the layouts of
// [Coarse].
//
//go:noescape
func coarseAMX(a, b *uint16, c *float32, ldc, rows, cols, steps int)

func coarseProduct(c []float32, ldc int, a, b []uint16, rows, cols, steps int) {
	if isa.HasTiles() {
		coarseAMX(&a[0], &b[0], &c[0], ldc, rows, cols, steps)
		return
	}
	coarsePortable(c, ldc, a, b, rows, cols, steps)
}

func (kd kind) toBrains(dst []uint16, src []float32) {
	whole := 0
	if kd == avx512 && len(src) >= 16 {
		whole = len(src) / 16 * 16
		toBrainAVX512(&dst[:len(src)][0], &src[0], whole/16)
	}
	toBrainsPortable(dst[whole:], src[whole:])
}
