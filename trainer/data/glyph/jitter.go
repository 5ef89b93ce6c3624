package glyph

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"

	"crossbatch/trainer/data/augment"
)

// JitterSeed is the seed of the jitter of the glyph sets and of the choice of their typefaces.
// It is part of the data set: another value makes other images.
const JitterSeed uint64 = 0x676c79706873

// Bounds of the jitter; each is drawn uniformly from ± its bound, once an image.
const (
	jitterAngle = 12 * math.Pi / 180
	jitterScale = 0.15 // of each axis
	jitterShear = 0.15 // horizontal shift per unit of height
	jitterShift = 2.5  // pixels, of each axis
)

// Where a glyph stands in its square: a fixed scale and baseline for every class, as o
// and O differ in size only. The middle between a capital's accent (0.95 em above the
// baseline) and a descender (0.25 em below) falls on the middle of the square.
const (
	glyphSide    = 32
	glyphArea    = glyphSide * glyphSide
	pixelsPerEm  = 19
	baselineDrop = 0.35 * pixelsPerEm // of the baseline below the middle, in pixels
)

// upright maps em units to pixels without jitter.
func upright() augment.Affine {
	const middle = glyphSide / 2
	return augment.Affine{XX: pixelsPerEm, YY: pixelsPerEm, DX: middle, DY: middle + baselineDrop}
}

// jittered maps em units to pixels through rotation · shear · scale about the middle of
// the square and a shift. It depends on nothing but the code point and the face's name.
func jittered(r rune, faceName string) augment.Affine {
	draw := glyphRand(r, faceName)
	within := func(bound float64) float64 { return bound * (2*draw.Float64() - 1) }
	sin, cos := math.Sincos(within(jitterAngle))
	sx, sy := 1+within(jitterScale), 1+within(jitterScale)
	shear := within(jitterShear)
	xx, xy := cos*sx, (cos*shear-sin)*sy
	yx, yy := sin*sx, (sin*shear+cos)*sy

	const middle = glyphSide / 2
	return augment.Affine{
		XX: float32(xx * pixelsPerEm), XY: float32(xy * pixelsPerEm),
		YX: float32(yx * pixelsPerEm), YY: float32(yy * pixelsPerEm),
		DX: float32(middle + xy*baselineDrop + within(jitterShift)),
		DY: float32(middle + yy*baselineDrop + within(jitterShift)),
	}
}

// glyphRand is the generator of one (code point, name) pair, so that an image is the
// same whatever else is drawn, and in whatever order.
func glyphRand(r rune, name string) *rand.Rand {
	hash := fnv.New64a()
	hash.Write(binary.LittleEndian.AppendUint32([]byte(name), uint32(r)))
	return rand.New(rand.NewPCG(JitterSeed, hash.Sum64()))
}
