package graph

import "crossbatch/xbm/kernel"

// window is a square kernel sliding over an image, zeros around it: element
// (c, ky, kx) of the kernel at place (oy, ox) of the output lies on
// element (c, oy·stride+ky-pad, ox·stride+kx-pad) of the image.
type window struct {
	channels, height, width int // of the image
	kernel, stride, pad     int
	outHeight, outWidth     int
}

func newWindow(channels, height, width, kernel, stride, pad int) window {
	return window{
		channels: channels, height: height, width: width,
		kernel: kernel, stride: stride, pad: pad,
		outHeight: (height+2*pad-kernel)/stride + 1,
		outWidth:  (width+2*pad-kernel)/stride + 1,
	}
}

// rows and columns are the shape of an unfolded image: a row for each element
// of the kernel, a column for each place of the output.
func (w *window) rows() int    { return w.channels * w.kernel * w.kernel }
func (w *window) columns() int { return w.outHeight * w.outWidth }

// isPlain tells that an unfolded image is the image.
func (w *window) isPlain() bool { return w.kernel == 1 && w.stride == 1 && w.pad == 0 }

// unfold stores in col (rows × columns, rows ld apart) what each kernel element
// meets, so that convolution is a matrix product ("im2col").
func (w *window) unfold(col []float32, ld int, image []float32) {
	n := w.columns()
	w.each(func(r, c, ky, kx int) {
		row, plane := col[r*ld:][:n], w.plane(image, c)
		if w.shifts() {
			w.unfoldShift(row, plane, ky-w.pad, kx-w.pad)
			return
		}
		lo, hi := w.inside(kx)
		for oy := range w.outHeight {
			dst := row[oy*w.outWidth : (oy+1)*w.outWidth]
			iy := oy*w.stride + ky - w.pad
			if iy < 0 || iy >= w.height {
				clear(dst)
				continue
			}
			clear(dst[:lo])
			clear(dst[hi:])
			src := plane[iy*w.width : (iy+1)*w.width]
			for ox, ix := lo, lo*w.stride+kx-w.pad; ox < hi; ox, ix = ox+1, ix+w.stride {
				dst[ox] = src[ix]
			}
		}
	})
}

// fold stores in image the sum of what col has for each of its elements: the
// transpose of unfold. The content of col is lost.
func (w *window) fold(image, col []float32, ld int) {
	clear(image)
	n := w.columns()
	w.each(func(r, c, ky, kx int) {
		row, plane := col[r*ld:][:n], w.plane(image, c)
		if w.shifts() {
			w.foldShift(plane, row, ky-w.pad, kx-w.pad)
			return
		}
		lo, hi := w.inside(kx)
		for oy := range w.outHeight {
			iy := oy*w.stride + ky - w.pad
			if iy < 0 || iy >= w.height {
				continue
			}
			src := row[oy*w.outWidth : (oy+1)*w.outWidth]
			dst := plane[iy*w.width : (iy+1)*w.width]
			for ox, ix := lo, lo*w.stride+kx-w.pad; ox < hi; ox, ix = ox+1, ix+w.stride {
				dst[ix] += src[ox]
			}
		}
	})
}

// each calls f for every row of the unfolded image.
func (w *window) each(f func(r, c, ky, kx int)) {
	r := 0
	for c := range w.channels {
		for ky := range w.kernel {
			for kx := range w.kernel {
				f(r, c, ky, kx)
				r++
			}
		}
	}
}

func (w *window) plane(image []float32, c int) []float32 {
	size := w.height * w.width
	return image[c*size : (c+1)*size]
}

// inside returns the range of output columns at which kernel column kx lies on
// the image.
func (w *window) inside(kx int) (lo, hi int) {
	if w.pad > kx {
		lo = (w.pad - kx + w.stride - 1) / w.stride
	}
	if last := w.width - 1 + w.pad - kx; last >= 0 {
		hi = last/w.stride + 1
	}
	hi = min(hi, w.outWidth)
	return min(lo, hi), hi
}

// shifts tells that the output is as large as the image. Then a row is the
// plane, shifted as a whole, but for the columns that came round the edge.
func (w *window) shifts() bool {
	return w.stride == 1 && w.outWidth == w.width && w.outHeight == w.height
}

func (w *window) unfoldShift(row, plane []float32, dy, dx int) {
	lo, hi, shift := w.shift(dy, dx)
	clear(row[:lo])
	copy(row[lo:hi], plane[lo+shift:])
	clear(row[hi:])
	w.clearEdge(row, dx)
}

func (w *window) foldShift(plane, row []float32, dy, dx int) {
	lo, hi, shift := w.shift(dy, dx)
	w.clearEdge(row, dx)
	kernel.Axpy(plane[lo+shift:hi+shift], 1, row[lo:hi])
}

// shift returns the range of places in a row, read as one line, that dy rows
// and dx columns on, which is shift places, are still within the plane.
func (w *window) shift(dy, dx int) (lo, hi, shift int) {
	size := w.height * w.width
	shift = min(max(dy*w.width+dx, -size), size)
	return max(0, -shift), min(size, size-shift), shift
}

// clearEdge zeroes the columns of a row from which dx columns on is outside.
func (w *window) clearEdge(row []float32, dx int) {
	lo, hi := 0, min(-dx, w.width)
	if dx > 0 {
		lo, hi = max(w.width-dx, 0), w.width
	}
	for x := lo; x < hi; x++ {
		for i := x; i < len(row); i += w.width {
			row[i] = 0
		}
	}
}
