package augment

import (
	"math"
	"math/rand/v2"
)

// What is done to a view beyond its geometry.
const (
	blurProbability = 0.5
	blurLeast       = 0.1 // standard deviation in pixels, where there are blurSide a side
	blurMost        = 2.0
	blurSide        = 224

	holeProbability = 0.5 // of a rectangle of background in a drawing
	holeLeast       = 0.02
	holeMost        = 0.1
	inkMost         = 2.5 // strokes get thicker or thinner by a power up to this of their gray
)

// Weights of red, green and blue in gray, of ITU-R BT.601.
const redPart, greenPart, bluePart = 0.299, 0.587, 0.114

// recolour changes the colours of a photograph, from 0 to 255, in random order.
func (p *photograph) recolour(dst []float32, rng *rand.Rand) {
	area := len(dst) / 3
	light, contrast, colour := within(rng, 1-p.Brightness, 1+p.Brightness), within(rng, 1-p.Contrast, 1+p.Contrast), within(rng, 1-p.Saturation, 1+p.Saturation)
	hue := within(rng, -p.Hue, p.Hue)
	for _, what := range rng.Perm(4) {
		switch what {
		case 0:
			blend(dst, func(int) float32 { return 0 }, float32(light))
		case 1:
			var sum float64
			for i := range area {
				sum += float64(grayOf(dst, area, i))
			}
			mean := float32(sum / float64(area))
			blend(dst, func(int) float32 { return mean }, float32(contrast))
		case 2:
			saturate(dst, area, float32(colour))
		case 3:
			turnHue(dst, area, float32(hue))
		}
	}
}

// redraw changes a drawing, ink high: strokes, blur, a hole.
func (b *Brush) redraw(dst []float32, m Image, rng *rand.Rand) {
	power := math.Exp(within(rng, -math.Log(inkMost), math.Log(inkMost)))
	for i, v := range dst {
		if v > 0 {
			dst[i] = float32(255 * math.Pow(float64(v)/255, power))
		}
	}
	if draw(rng, blurProbability) {
		b.blur(dst, m, rng)
	}
	if !draw(rng, holeProbability) {
		return
	}
	height, width := m.Height, m.Width
	area := float64(height*width) * within(rng, holeLeast, holeMost)
	ratio := math.Exp(within(rng, -math.Log(cropRatio), math.Log(cropRatio)))
	across := min(width, int(math.Sqrt(area*ratio)))
	down := min(height, int(math.Sqrt(area/ratio)))
	left, top := rng.IntN(width-across+1), rng.IntN(height-down+1)
	for c := range m.Channels {
		for y := top; y < top+down; y++ {
			clear(dst[(c*height+y)*width+left:][:across])
		}
	}
}

// blend moves each number from what it is to what other is, or past itself for a factor
// above 1.
func blend(dst []float32, other func(i int) float32, factor float32) {
	for i, v := range dst {
		dst[i] = min(max(lerp(other(i), v, factor), 0), 255)
	}
}

func grayOf(dst []float32, area, i int) float32 {
	return redPart*dst[i] + greenPart*dst[area+i] + bluePart*dst[2*area+i]
}

func saturate(dst []float32, area int, factor float32) {
	for i := range area {
		gray := grayOf(dst, area, i)
		for c := range 3 {
			dst[c*area+i] = min(max(lerp(gray, dst[c*area+i], factor), 0), 255)
		}
	}
}

// turnHue moves colours along the circle of hues, by a part of a turn.
func turnHue(dst []float32, area int, turn float32) {
	for i := range area {
		r, g, b := dst[i], dst[area+i], dst[2*area+i]
		high, low := max(r, g, b), min(r, g, b)
		span := high - low
		if span == 0 {
			continue
		}
		var hue float32 // of 6
		switch high {
		case r:
			hue = (g - b) / span
		case g:
			hue = (b-r)/span + 2
		default:
			hue = (r-g)/span + 4
		}
		hue += 6*turn + 6
		for c, from := range [3]float32{5, 3, 1} {
			k := float32(math.Mod(float64(from+hue), 6))
			dst[c*area+i] = high - span*max(0, min(k, 4-k, 1))
		}
	}
}

// blur blurs by a Gaussian, as wide for the image's size as the papers' for theirs.
func (b *Brush) blur(dst []float32, m Image, rng *rand.Rand) {
	height, width := m.Height, m.Width
	deviation := within(rng, blurLeast, blurMost) * float64(max(height, width)) / blurSide
	kernel := gaussian(deviation)
	if len(b.room) < height*width {
		b.room = make([]float32, height*width)
	}
	for c := range m.Channels {
		plane := dst[c*height*width:][:height*width]
		smooth(b.room, plane, kernel, height, width, 1, width)
		smooth(plane, b.room, kernel, width, height, width, 1)
	}
}

// gaussian is half of a kernel whose whole sums to 1, the middle first.
func gaussian(deviation float64) []float32 {
	half := make([]float64, 1+int(math.Ceil(3*deviation)))
	var sum float64
	for i := range half {
		half[i] = math.Exp(-float64(i*i) / (2 * deviation * deviation))
		sum += half[i]
		if i > 0 {
			sum += half[i]
		}
	}
	kernel := make([]float32, len(half))
	for i, v := range half {
		kernel[i] = float32(v / sum)
	}
	return kernel
}

// smooth stores src smoothed along lines of so many pixels, step apart, of which there are
// so many, pitch apart. Beyond their ends lines go on as they end.
func smooth(dst, src, kernel []float32, lines, length, step, pitch int) {
	for line := range lines {
		at := func(k int) float32 { return src[line*pitch+min(max(k, 0), length-1)*step] }
		for k := range length {
			sum := kernel[0] * at(k)
			for d := 1; d < len(kernel); d++ {
				sum += kernel[d] * (at(k-d) + at(k+d))
			}
			dst[line*pitch+k*step] = sum
		}
	}
}
