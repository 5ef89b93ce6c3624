package augment

import (
	"math"
	"math/rand/v2"
)

// Bounds of the random resized crop, as research-xbm and torchvision have them: the share of
// the image's area, and width by height.
const (
	cropLeast = 0.2
	cropRatio = 4.0 / 3
)

// cropAttempts is after how many crops that do not fit the whole image is taken.
const cropAttempts = 10

// window is the part of a stored image that a view shows, in pixels.
type window struct {
	x, y, width, height float64
	mirror              bool
}

// randomWindow draws a random resized crop of what is stored, and whether it is mirrored.
// Unlike torchvision's its corners may lie between pixels, which matters where there are few.
//
//	Christian Szegedy and others. Going Deeper with Convolutions. CVPR 2015.
//	https://arxiv.org/abs/1409.4842 (section 6)
func (m Image) randomWindow(rng *rand.Rand, scale, shape Span, flip bool) window {
	across, down := float64(m.Width+2*m.Margin), float64(m.Height+2*m.Margin)
	w := window{width: across, height: down}
	for range cropAttempts {
		area := across * down * within(rng, scale.Low, scale.High)
		ratio := math.Exp(within(rng, math.Log(shape.Low), math.Log(shape.High)))
		width, height := math.Sqrt(area*ratio), math.Sqrt(area/ratio)
		if width <= across && height <= down {
			w = window{x: rng.Float64() * (across - width), y: rng.Float64() * (down - height), width: width, height: height}
			break
		}
	}
	w.mirror = flip && draw(rng, 0.5)
	return w
}

// resample stores what a window shows of an image, from 0 to 255.
func (m Image) resample(dst []float32, w window) {
	columns := axis(w.x, w.width, m.Width, m.Width+2*m.Margin)
	rows := axis(w.y, w.height, m.Height, m.Height+2*m.Margin)
	for c := range m.Channels {
		plane, pitch := m.plane(c)
		for y, row := range rows {
			upper, lower := plane[row.low*pitch:][:pitch], plane[row.high*pitch:][:pitch]
			out := dst[(c*m.Height+y)*m.Width:][:m.Width]
			for x, column := range columns {
				above := lerp(float32(upper[column.low]), float32(upper[column.high]), column.part)
				below := lerp(float32(lower[column.low]), float32(lower[column.high]), column.part)
				if w.mirror {
					x = m.Width - 1 - x
				}
				out[x] = lerp(above, below, row.part)
			}
		}
	}
}

// tap is a place between two pixels: part of the way from low to high.
type tap struct {
	low, high int
	part      float32
}

// axis places the centres of size pixels evenly in [from, from+length) of have pixels.
func axis(from, length float64, size, have int) []tap {
	taps := make([]tap, size)
	for k := range taps {
		at := from + (float64(k)+0.5)*length/float64(size) - 0.5
		at = min(max(at, 0), float64(have-1))
		low := int(at)
		taps[k] = tap{low, min(low+1, have-1), float32(at - float64(low))}
	}
	return taps
}

func lerp(a, b, part float32) float32 { return a + (b-a)*part }
