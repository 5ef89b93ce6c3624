package backbone

import "fmt"

// conv4 is four blocks of 3×3 convolution, batch normalisation, 2×2 max pooling
// and ReLU, and a linear head: the embedding network of
//
//	Jake Snell, Kevin Swersky, Richard Zemel, Prototypical Networks for
//	Few-shot Learning, NeurIPS 2017, https://arxiv.org/abs/1703.05175.
//
// Unlike there, the head maps to any number of dimensions, and pooling comes
// before the ReLU: the two commute, and so the ReLU has a quarter of the work.
func conv4(cfg Config, s *state) []layer {
	var layers []layer
	channels, height, width := cfg.Channels, cfg.Height, cfg.Width
	for i := range 4 {
		block := fmt.Sprintf("blocks.%d.", i)
		conv := convolution{
			weight: s.weight(block+"conv.weight", heGain, cfg.Filters, channels, 3, 3),
			stride: 1,
			pad:    1,
		}
		if cfg.NoBatchNorm {
			conv.bias = s.constant(block+"conv.bias", 0, cfg.Filters)
			layers = append(layers, conv)
		} else {
			layers = append(layers, conv, newBatchNorm(s, block+"bn", cfg.Filters))
		}
		layers = append(layers, maxPool{}, relu{})
		channels, height, width = cfg.Filters, height/2, width/2
	}
	return append(layers, newHead(cfg, s, "head", channels*height*width)...)
}
