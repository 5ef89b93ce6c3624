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
