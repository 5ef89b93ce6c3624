package graph

import (
	"crossbatch/backbone/arithmetic"
	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// depthwise is the cross-correlation of each channel of x with a filter of its own
// (channels × 1 × size × size).
func (b *builder) depthwise(op network.Depthwise, parameters []int, x *gorgonia.Node) *gorgonia.Node {
	x = b.pixels(x)
	in := x.Shape()
	d := &depthwise{window: newWindow(in[3], in[1], in[2], op.Size, op.Stride, op.Pad), batch: in[0], scratch: b.scratch}
	diff := func(in gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		all := gorgonia.Nodes{nil, b.gradient("depthwise weight", in[1], d.weightGradient, grad, x)}
		if b.moves[x] {
			all[0] = b.gradient("depthwise input", x, d.inputGradient, grad, in[1])
		}
		return all
	}
	return b.image("depthwise", []int{d.batch, d.outHeight, d.outWidth, d.channels}, diff, d.forward, x, b.parameter(parameters[0]))
}

// depthwise is one for a batch size.
type depthwise struct {
	window
	batch   int
	scratch *Scratch
}

// turned are the filters with a row of channels for each element, to be put back.
func (d *depthwise) turned(filters []float32) []float32 {
	size := d.kernel * d.kernel
	w := d.scratch.Take(size * d.channels)
	kernel.Transpose(w, d.channels, filters, size, d.channels, size)
	return w
}

func (d *depthwise) forward(dst []float32, in [][]float32) {
	c, pad := d.channels, d.pad
	w := d.turned(in[1])
	defer d.scratch.Put(w)
	kernel.Parallel(d.batch, func(i int) {
		pitch := (d.width + 2*pad) * c // of the image with zeros around it
		around := d.scratch.Take((d.height + 2*pad) * pitch)
		defer d.scratch.Put(around)
		clear(around)
		for y := range d.height {
			copy(around[(pad+y)*pitch+pad*c:], in[0][(i*d.height+y)*d.width*c:][:d.width*c])
		}
		window := arithmetic.Window{Rows: d.kernel, Cols: d.kernel, WRow: d.kernel * c, Row: pitch, Col: c, Step: d.stride * c}
		for y := range d.outHeight {
			arithmetic.Depthwise(dst[(i*d.outHeight+y)*d.outWidth*c:], c, around[y*d.stride*pitch:], window, w, c, d.outWidth)
		}
	})
}

// inputGradient stores dL/dx, given dL/dy and the filters.
func (d *depthwise) inputGradient(dst []float32, in [][]float32) {
	c, pixels, places := d.channels, d.height*d.width*d.channels, d.columns()*d.channels
	w := d.turned(in[1])
	defer d.scratch.Put(w)
	kernel.Parallel(d.batch, func(i int) {
		dx, dy := dst[i*pixels:(i+1)*pixels], in[0][i*places:(i+1)*places]
		clear(dx)
		d.visit(func(place, pixel int, k int32, _ bool) {
			arithmetic.MultiplyAdd(dx[pixel*c:(pixel+1)*c], dy[place*c:(place+1)*c], w[int(k)*c:][:c])
		})
	})
}

// weightGradient stores dL/dfilters, given dL/dy and x: image by image, which are added
// in order.
func (d *depthwise) weightGradient(dst []float32, in [][]float32) {
	c, pixels, places, size := d.channels, d.height*d.width*d.channels, d.columns()*d.channels, d.kernel*d.kernel
	parts := d.scratch.Take(d.batch * size * c)
	defer d.scratch.Put(parts)
	kernel.Parallel(d.batch, func(i int) {
		sums := parts[i*size*c : (i+1)*size*c]
		clear(sums)
		x, dy := in[1][i*pixels:(i+1)*pixels], in[0][i*places:(i+1)*places]
		d.visit(func(place, pixel int, k int32, _ bool) {
			arithmetic.MultiplyAdd(sums[int(k)*c:][:c], dy[place*c:(place+1)*c], x[pixel*c:(pixel+1)*c])
		})
	})
	for i := 1; i < d.batch; i++ {
		kernel.Axpy(parts[:size*c], 1, parts[i*size*c:(i+1)*size*c])
	}
	kernel.Transpose(dst, size, parts, c, size, c)
}
