package convolution

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// shapes are those of all ways: odd sizes, edges that tiles do not fill, few channels.
var shapes = []Shape{
	{Height: 5, Width: 7, Channels: 3, Filters: 4, Size: 1, Stride: 1},
	{Height: 5, Width: 7, Channels: 3, Filters: 40, Size: 1, Stride: 2},
	{Height: 9, Width: 8, Channels: 5, Filters: 3, Size: 3, Stride: 1, Pad: 1},
	{Height: 9, Width: 8, Channels: 3, Filters: 33, Size: 3, Stride: 2, Pad: 1, Planes: true},
	{Height: 12, Width: 11, Channels: 3, Filters: 17, Size: 7, Stride: 2, Pad: 3, Planes: true},
	{Height: 12, Width: 11, Channels: 3, Filters: 17, Size: 5, Stride: 2, Pad: 2},
	{Height: 6, Width: 9, Channels: 2, Filters: 7, Size: 3, Stride: 3, Planes: true},
	{Height: 2, Width: 2, Channels: 20, Filters: 35, Size: 3, Stride: 1, Pad: 1},
	{Height: 4, Width: 4, Channels: 16, Filters: 16, Size: 3, Stride: 1, Pad: 1},
	{Height: 3, Width: 13, Channels: 33, Filters: 18, Size: 3, Stride: 1, Pad: 1},
	{Height: 8, Width: 12, Channels: 17, Filters: 50, Size: 3, Stride: 1, Pad: 1},
	{Height: 1, Width: 1, Channels: 17, Filters: 50, Size: 3, Stride: 1, Pad: 1},
	{Height: 3, Width: 4, Channels: 6, Filters: 5, Size: 3, Stride: 1, Pad: 2},
}

func (s Shape) String() string {
	return fmt.Sprintf("%d×%d×%d,%d×%d×%d,%d,%d,%v", s.Channels, s.Height, s.Width, s.Filters, s.Size, s.Size, s.Stride, s.Pad, s.Planes)
}

func normals(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// plain is the convolution by loops, in float64.
func plain(s Shape, x Images, batch int, filters []float32) []float64 {
	h, w := s.Out()
	y := make([]float64, batch*h*w*s.Filters)
	s.each(batch, func(out, f, in, c, weight int) {
		at := in*x.Step + c
		if s.Planes {
			plane := s.Height * s.Width
			at = (in/plane*s.Channels+c)*plane + in%plane
		}
		y[out*s.Filters+f] += float64(x.Data[at]) * float64(filters[weight])
	})
	return y
}

// each calls f for each product: the pixel and filter of the result, the pixel and channel
// of the image, and the place in the filters.
func (s Shape) each(batch int, f func(out, filter, in, channel, weight int)) {
	h, w := s.Out()
	for p := range batch * h * w {
		image, y, x := p/(h*w), p/w%h, p%w
		for ky := range s.Size {
			for kx := range s.Size {
				iy, ix := y*s.Stride+ky-s.Pad, x*s.Stride+kx-s.Pad
				if iy < 0 || iy >= s.Height || ix < 0 || ix >= s.Width {
					continue
				}
				for filter := range s.Filters {
					for c := range s.Channels {
						f(p, filter, (image*s.Height+iy)*s.Width+ix, c, ((filter*s.Channels+c)*s.Size+ky)*s.Size+kx)
					}
				}
			}
		}
	}
}

func TestForwardEqualsItsTwin(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.String(), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(61, 1))
			const batch = 7
			h, w := s.Out()
			c := New(s, &Scratch{})
			apart := rng.IntN(3)
			if s.Planes {
				apart = 0
			}
			x := Images{normals(rng, batch*s.Height*s.Width*(s.Channels+apart)), s.Channels + apart}
			filters, factors := normals(rng, s.Filters*s.inner()), normals(rng, s.Filters)
			packed := make([]float32, c.PackedSize())
			c.Pack(packed, filters, factors)
			f := &Finish{Bias: normals(rng, s.Filters), Floor: none}
			switch rng.IntN(3) {
			case 0:
				f.Floor = 0
			case 1:
				f.Other = Images{normals(rng, batch*h*w*(s.Filters+1)), s.Filters + 1}
			}
			dst := Images{make([]float32, batch*h*w*(s.Filters+2)), s.Filters + 2}
			c.Forward(dst, x, batch, packed, f)
			want := plain(s, x, batch, filters)
			var off, scale float64
			for i, v := range want {
				p, k := i/s.Filters, i%s.Filters
				v = v*float64(factors[k]) + float64(f.Bias[k])
				if f.Other.Data != nil {
					v += float64(f.Other.Data[p*f.Other.Step+k])
				}
				v = max(v, float64(f.Floor))
				d := float64(dst.Data[p*dst.Step+k]) - v
				off, scale = off+d*d, scale+v*v
			}
			if off = math.Sqrt(off / scale); !(off < 2e-6) {
				t.Fatalf("%g from the twin", off)
			}
			// Alone, and on any number of cores, an image has the same bits.
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
			for _, procs := range []int{1, 3} {
				runtime.GOMAXPROCS(procs)
				for i := range batch {
					one := Images{make([]float32, h*w*dst.Step), dst.Step}
					g := *f
					if f.Other.Data != nil {
						g.Other = f.Other.from(i * h * w)
					}
					from := x.from(i * s.Height * s.Width)
					c.Forward(one, from, 1, packed, &g)
					if !slices.Equal(one.Data, dst.Data[i*len(one.Data):(i+1)*len(one.Data)]) {
						t.Fatalf("image %d alone on %d cores has other bits", i, procs)
					}
				}
			}
		})
	}
}
