package kernel

// kind is a set of kernels. Their results agree but for rounding.
type kind int

const (
	portable kind = iota
	avx2          // with FMA
	avx512
)

// native is the best kind that this processor has.
var native = detect()

func (kd kind) String() string {
	return [...]string{"portable", "avx2", "avx512"}[kd]
}

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
