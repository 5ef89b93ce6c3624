package augment

import (
	"math"
	"math/rand/v2"
)

// The shape of an erased rectangle: the share of the image that it has, and its height by width.
const (
	eraseLeast = 0.02
	eraseMost  = 0.4
	eraseRatio = 0.3
)

// erase fills a random rectangle with random numbers, from 0 to 255. The field erases half of
// the views.
//
//	Zhun Zhong, Liang Zheng, Guoliang Kang, Shaozi Li, Yi Yang. Random Erasing Data
//	Augmentation. AAAI 2020. https://arxiv.org/abs/1708.04896 (algorithm 1, RE-R)
//
// Unlike the paper, which tries until a rectangle fits, this tries as often as a crop.
func (m Image) erase(dst []float32, area Span, rng *rand.Rand) {
	for range cropAttempts {
		size := float64(m.Height*m.Width) * within(rng, area.Low, area.High)
		ratio := within(rng, eraseRatio, 1/eraseRatio)
		height, width := int(math.Sqrt(size*ratio)), int(math.Sqrt(size/ratio))
		if height < 1 || width < 1 || height > m.Height || width > m.Width {
			continue
		}
		top, left := rng.IntN(m.Height-height+1), rng.IntN(m.Width-width+1)
		for c := range m.Channels {
			for y := top; y < top+height; y++ {
				row := dst[(c*m.Height+y)*m.Width+left:][:width]
				for x := range row {
					row[x] = float32(255 * rng.Float64())
				}
			}
		}
		return
	}
}
