package device

import (
	"crossbatch/eval"
	"crossbatch/xbm/internal/cuda"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
)

// Search finds the candidates of searches. It implements eval.Device, for
// eval.Gallery: the processor ranks what is found, so that results are those without
// it, to the byte. Each search brings its gallery to the device, so that it may have
// changed; it should ask for many queries at once.
type Search struct{ device *Device }

// Search returns what searches on the device. d must not be nil.
func (d *Device) Search() *Search { return &Search{d} }

// Candidates implements eval.Device. A device that fails leaves the search to the
// processor.
func (s *Search) Candidates(g eval.Gallery, queries []float32, k int, found func(query int, rows []int32)) (taken bool) {
	rows := cuda.Rows{Dim: g.Dim, HalfSquares: g.HalfSquares, Longest: g.Longest}
	rows.At = func(first, n int) []float32 { return g.Rows[first*g.Dim : (first+n)*g.Dim] }
	if g.Half != nil {
		var wide []float32
		rows.At = func(first, n int) []float32 {
			wide = room.Sized(wide, n*g.Dim)
			kernel.FromHalf(wide, g.Half[first*g.Dim:(first+n)*g.Dim])
			return wide
		}
	}
	lists, first, err := s.device.context.Candidates(rows, queries, k)
	if err != nil {
		return false
	}
	kernel.Parallel(len(first)-1, func(q int) { found(q, lists[first[q]:first[q+1]]) })
	return true
}
