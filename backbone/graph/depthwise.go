package graph

import (
	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// depthwise is the cross-correlation of each channel of x (batch × channels ×
// height × width) with a filter of its own (channels × 1 × size × size).
func (b *builder) depthwise(op network.Depthwise, parameters []int, x *gorgonia.Node) *gorgonia.Node {
	in := x.Shape()
	d := &depthwise{window: newWindow(in[1], in[2], in[3], op.Size, op.Stride, op.Pad), batch: in[0]}
	diff := func(in gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		all := gorgonia.Nodes{nil, b.gradient("depthwise weight", in[1], d.weightGradient, grad, x)}
		if b.moves[x] {
			all[0] = b.gradient("depthwise input", x, d.inputGradient, grad, in[1])
		}
		return all
	}
	return b.forward("depthwise", []int{d.batch, d.channels, d.outHeight, d.outWidth}, diff, d.forward, x, b.parameter(parameters[0]))
}

// depthwise is one for a batch size.
type depthwise struct {
	window
	batch int
}

// rows calls f for each element k of a filter and each row of places that it meets
// within the image: the places from out on, of which there are n, meet pixels from
// in on, stride apart.
func (d *depthwise) rows(f func(k, out, in, n int)) {
	for ky := range d.kernel {
		for kx := range d.kernel {
			lo, hi := d.inside(kx)
			for oy := range d.outHeight {
				if y := oy*d.stride + ky - d.pad; y >= 0 && y < d.height && hi > lo {
					f(ky*d.kernel+kx, oy*d.outWidth+lo, y*d.width+lo*d.stride+kx-d.pad, hi-lo)
				}
			}
		}
	}
}

func (d *depthwise) forward(dst []float32, in [][]float32) {
	pixels, places, size := d.height*d.width, d.columns(), d.kernel*d.kernel
	kernel.Parallel(d.batch*d.channels, func(p int) {
		x, y, w := in[0][p*pixels:(p+1)*pixels], dst[p*places:(p+1)*places], in[1][p%d.channels*size:][:size]
		clear(y)
		d.rows(func(k, out, in, n int) {
			if d.stride == 1 {
				kernel.Axpy(y[out:out+n], w[k], x[in:in+n])
				return
			}
			for i := range n {
				y[out+i] += w[k] * x[in+i*d.stride]
			}
		})
	})
}

// inputGradient stores dL/dx, given dL/dy and the filters.
func (d *depthwise) inputGradient(dst []float32, in [][]float32) {
	pixels, places, size := d.height*d.width, d.columns(), d.kernel*d.kernel
	kernel.Parallel(d.batch*d.channels, func(p int) {
		dx, dy, w := dst[p*pixels:(p+1)*pixels], in[0][p*places:(p+1)*places], in[1][p%d.channels*size:][:size]
		clear(dx)
		d.rows(func(k, out, in, n int) {
			if d.stride == 1 {
				kernel.Axpy(dx[in:in+n], w[k], dy[out:out+n])
				return
			}
			for i := range n {
				dx[in+i*d.stride] += w[k] * dy[out+i]
			}
		})
	})
}

// weightGradient stores dL/dfilters, given dL/dy and x.
func (d *depthwise) weightGradient(dst []float32, in [][]float32) {
	pixels, places, size := d.height*d.width, d.columns(), d.kernel*d.kernel
	kernel.Parallel(d.channels, func(c int) {
		sums := make([]float64, size)
		for i := range d.batch {
			p := i*d.channels + c
			dy, x := in[0][p*places:(p+1)*places], in[1][p*pixels:(p+1)*pixels]
			d.rows(func(k, out, in, n int) {
				if d.stride == 1 {
					sums[k] += float64(kernel.Dot(dy[out:out+n], x[in:in+n]))
					return
				}
				for i := range n {
					sums[k] += float64(dy[out+i]) * float64(x[in+i*d.stride])
				}
			})
		}
		for k, sum := range sums {
			dst[c*size+k] = float32(sum)
		}
	})
}
