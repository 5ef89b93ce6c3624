package augment

import (
	"math"
	"math/rand/v2"
)

// Bounds are the bounds of a random affine map. Each number is uniform between minus and plus
// its bound.
type Bounds struct {
	Angle        float64 // radians
	Scale, Shear float64 // relative change of each axis; horizontal shift per unit of height
	Shift        float64 // of each axis, as a share of the side
}

// mildDegrees is the angle of Mild.
const mildDegrees = 12

// Mild returns the bounds of the glyph sets' own jitter.
func Mild() Bounds {
	return Bounds{Angle: mildDegrees * math.Pi / 180, Scale: 0.15, Shear: 0.15, Shift: 2.5 / 32}
}

// Point is a place in an image. Y grows downwards.
type Point struct{ X, Y float32 }

// Affine maps (x, y) to (XX·x + XY·y + DX, YX·x + YY·y + DY).
type Affine struct{ XX, XY, YX, YY, DX, DY float32 }

// Apply returns the image of p under a.
func (a Affine) Apply(p Point) Point {
	return Point{a.XX*p.X + a.XY*p.Y + a.DX, a.YX*p.X + a.YY*p.Y + a.DY}
}

var wideWarp = Bounds{Angle: 20 * math.Pi / 180, Scale: 0.25, Shear: 0.3, Shift: 0.12}

// draw is a map from the pixels of a view to those of what is stored, about the middles of
// both: rotation · shear · scale of what is seen.
func (b Bounds) draw(rng *rand.Rand, s Image) Affine {
	bounded := func(bound float64) float64 { return within(rng, -bound, bound) }
	sin, cos := math.Sincos(bounded(b.Angle))
	sx, sy := 1+bounded(b.Scale), 1+bounded(b.Scale)
	shear := bounded(b.Shear)
	xx, xy := cos*sx, (cos*shear-sin)*sy
	yx, yy := sin*sx, (sin*shear+cos)*sy
	dx, dy := bounded(b.Shift)*float64(s.Width), bounded(b.Shift)*float64(s.Height)

	// The inverse: for each pixel seen, where it comes from.
	det := xx*yy - xy*yx
	m := Affine{XX: float32(yy / det), XY: float32(-xy / det), YX: float32(-yx / det), YY: float32(xx / det)}
	// Pixel centres: the middle of n pixels is at (n-1)/2.
	seen := Point{float32(float64(s.Width-1)/2 + dx), float32(float64(s.Height-1)/2 + dy)}
	at := m.Apply(seen)
	m.DX = float32(s.Width-1)/2 + float32(s.Margin) - at.X
	m.DY = float32(s.Height-1)/2 + float32(s.Margin) - at.Y
	return m
}

// warp stores an image as m shows it, from 0 to 255, bilinearly. Around images of one channel
// is background; photographs go on as they are at their edge.
func (s Image) warp(dst []float32, m Affine) {
	rows := s.Height + 2*s.Margin
	for c := range s.Channels {
		plane, pitch := s.plane(c)
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
				p := m.Apply(Point{float32(x), float32(y)})
				left, top := math.Floor(float64(p.X)), math.Floor(float64(p.Y))
				px, py := p.X-float32(left), p.Y-float32(top)
				x0, y0 := int(left), int(top)
				out[x] = lerp(lerp(pixel(x0, y0), pixel(x0+1, y0), px), lerp(pixel(x0, y0+1), pixel(x0+1, y0+1), px), py)
			}
		}
	}
}
