package backbone

// mlp is one hidden layer with a ReLU and a linear head, over the image as one
// row of numbers.
func mlp(cfg Config, s *state) []layer {
	hidden := newLinear(s, "layers.0", heGain, cfg.Filters, cfg.Channels*cfg.Height*cfg.Width)
	return append([]layer{hidden, relu{}}, newHead(cfg, s, "head", cfg.Filters)...)
}
