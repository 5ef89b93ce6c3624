package data

import (
	"math"
	"math/rand/v2"
)

// warpBounds bound a random affine map; each number is drawn evenly from ± its bound.
type warpBounds struct {
	angle        float64 // radians
	scale, shear float64 // of each axis; horizontal shift per unit of height
	shift        float64 // of the side, of each axis
}

var (
	// mildWarp is the glyph sets' own jitter.
	mildWarp = warpBounds{angle: jitterAngle, scale: jitterScale, shear: jitterShear, shift: jitterShift / glyphSide}
	wideWarp = warpBounds{angle: 20 * math.Pi / 180, scale: 0.25, shear: 0.3, shift: 0.12}
)

// draw is a map from the pixels of a view to those of what is stored, about the middles of
// both: rotation · shear · scale of what is seen.
func (b warpBounds) draw(rng *rand.Rand, s *Set) affine {
	bounded := func(bound float64) float64 { return within(rng, -bound, bound) }
	sin, cos := math.Sincos(bounded(b.angle))
	sx, sy := 1+bounded(b.scale), 1+bounded(b.scale)
	shear := bounded(b.shear)
	xx, xy := cos*sx, (cos*shear-sin)*sy
	yx, yy := sin*sx, (sin*shear+cos)*sy
	dx, dy := bounded(b.shift)*float64(s.Width), bounded(b.shift)*float64(s.Height)

	// The inverse: for each pixel seen, where it comes from.
	det := xx*yy - xy*yx
	m := affine{xx: float32(yy / det), xy: float32(-xy / det), yx: float32(-yx / det), yy: float32(xx / det)}
	// Pixel centres: the middle of n pixels is at (n-1)/2.
	seen := point{float32(float64(s.Width-1)/2 + dx), float32(float64(s.Height-1)/2 + dy)}
	at := m.apply(seen)
	m.dx = float32(s.Width-1)/2 + float32(s.Margin) - at.x
	m.dy = float32(s.Height-1)/2 + float32(s.Margin) - at.y
	return m
}

// warp stores an image as m shows it, from 0 to 255, bilinearly. Around images of one channel
// is background; photographs go on as they are at their edge.
func (s *Set) warp(dst []float32, i int, m affine) {
	rows := s.Height + 2*s.Margin
	for c := range s.Channels {
		plane, pitch := s.plane(i, c)
		pixel := func(x, y int) float32 {
			if s.Channels == 3 {
				x, y = min(max(x, 0), pitch-1), min(max(y, 0), rows-1)
			} else if x < 0 || y < 0 || x >= pitch || y >= rows {
				return 0
			}
			return float32(plane[y*pitch+x])
		}
		for y := range s.Height {
			out := dst[(c*s.Height+y)*s.Width:][:s.Width]
			for x := range out {
				p := m.apply(point{float32(x), float32(y)})
				left, top := math.Floor(float64(p.x)), math.Floor(float64(p.y))
				px, py := p.x-float32(left), p.y-float32(top)
				x0, y0 := int(left), int(top)
				out[x] = lerp(lerp(pixel(x0, y0), pixel(x0+1, y0), px), lerp(pixel(x0, y0+1), pixel(x0+1, y0+1), px), py)
			}
		}
	}
}
