package kernel

import "crossbatch/xbm/kernel/isa"

// kind is a set of kernels. Their results agree but for rounding.
type kind isa.Set

const (
	portable = kind(isa.Portable)
	avx2     = kind(isa.AVX2)
	avx512   = kind(isa.AVX512)
)

// native is the best kind that this processor has.
var native = kind(isa.Native())

func (kd kind) String() string { return isa.Set(kd).String() }

// tile is the shape of the largest register tile.
func (kd kind) tile() (rows, cols int) {
	switch kd {
	case avx512:
		return 12, 32
	case avx2:
		return 6, 16
	default:
		return 4, 4
	}
}
