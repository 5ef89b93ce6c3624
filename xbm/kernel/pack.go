package kernel

import "sync"

// Extents of a packed block of b: it fits in a second-level cache, and a panel
// of it as wide as a register tile about in the first.
const (
	blockK    = 320
	blockCols = 256

	// gap keeps rows that lie above one another out of one cache set.
	gap = 16
)

// scratch holds a packed block.
type scratch [blockK * (blockCols + gap)]float32

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// pack copies the k×n matrix b row by row.
func (s *scratch) pack(kd kind, b view, k, n int) view {
	ld := ceil(n, gap) + gap
	packed := view{data: s[:], row: ld, col: 1}
	if b.col == 1 {
		for l := range k {
			copy(s[l*ld:l*ld+n], b.data[l*b.row:])
		}
		return packed
	}
	kd.transpose(s[:], ld, b.data, b.col, n, k)
	return packed
}

// transposePortable stores element l of row j of src, for j below n and l from
// first up to k, at dst[l*ld+j].
func transposePortable(dst []float32, ld int, src []float32, stride, n, first, k int) {
	for j := range n {
		for l, x := range src[j*stride:][first:k] {
			dst[(first+l)*ld+j] = x
		}
	}
}
