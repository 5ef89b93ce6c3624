package graph

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

// columns is the number of places of the output.
func (w *window) columns() int { return w.outHeight * w.outWidth }
