package backbone

import (
	"math"

	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// windowPool is the largest element in each place of a window that slides over
// each channel of x (batch × channels × height × width); what lies outside does
// not count. Of equal elements the first, by rows, gets the gradient. For 2×2
// squares side by side, maxPool is the faster twin.
type windowPool struct{ size, stride, pad int }

func (l windowPool) apply(b *builder, x *gorgonia.Node) *gorgonia.Node {
	in := x.Shape()
	w := newWindow(1, in[2], in[3], l.size, l.stride, l.pad)
	shape := []int{in[0], in[1], w.outHeight, w.outWidth}
	winner := make([]int32, elements(shape)) // for each output, which element of its plane it was
	planes := func(f func(plane, places int)) {
		kernel.Parallel(in[0], func(i int) {
			for c := i * in[1]; c < (i+1)*in[1]; c++ {
				f(c*w.height*w.width, c*w.columns())
			}
		})
	}
	forward := func(dst []float32, in [][]float32) {
		planes(func(plane, places int) {
			w.largest(dst[places:places+w.columns()], winner[places:places+w.columns()], in[0][plane:plane+w.height*w.width])
		})
	}
	backward := func(dst []float32, in [][]float32) {
		planes(func(plane, places int) {
			out := dst[plane : plane+w.height*w.width]
			clear(out)
			for i, g := range in[0][places : places+w.columns()] {
				if at := winner[places+i]; at >= 0 {
					out[at] += g
				}
			}
		})
	}
	diff := func(_ gorgonia.Nodes, y, grad *gorgonia.Node) gorgonia.Nodes {
		// y is an input only so that this comes after it.
		return gorgonia.Nodes{b.gradient("window pool", x, backward, grad, y)}
	}
	return b.forward("window pool", shape, diff, forward, x)
}

// largest stores the largest element of plane in each place, and which it was,
// -1 where the whole window lies outside: there the largest is 0.
func (w *window) largest(dst []float32, winner []int32, plane []float32) {
	for oy := range w.outHeight {
		top, bottom := max(0, oy*w.stride-w.pad), min(w.height, oy*w.stride-w.pad+w.kernel)
		for ox := range w.outWidth {
			left, right := max(0, ox*w.stride-w.pad), min(w.width, ox*w.stride-w.pad+w.kernel)
			most := int64(math.MinInt64)
			for y := top; y < bottom; y++ {
				for x := left; x < right; x++ {
					i := y*w.width + x
					most = max(most, ordered(plane[i], i))
				}
			}
			at := oy*w.outWidth + ox
			if most == math.MinInt64 {
				dst[at], winner[at] = 0, -1
				continue
			}
			i := place(most)
			dst[at], winner[at] = plane[i], i
		}
	}
}

// ordered maps a float32 and its place to an integer that compares as it does,
// and of equal ones is larger for the earlier. As integers: comparing those, the
// processor need not guess which way a branch goes, and guessing is what takes
// the time.
func ordered(f float32, place int) int64 {
	bits := int32(math.Float32bits(f + 0)) // of the two zeros, the positive one
	key := bits ^ (bits >> 31 & math.MaxInt32)
	return int64(key)<<32 | int64(^uint32(place))
}

func place(ordered int64) int32 { return int32(^uint32(ordered)) }
