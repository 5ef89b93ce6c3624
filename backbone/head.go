package backbone

import "slices"

// newHead is the map from features, inputs of them, to the embedding. The MLP is
// the projection head of
//
//	Ting Chen, Simon Kornblith, Mohammad Norouzi, Geoffrey Hinton. A Simple
//	Framework for Contrastive Learning of Visual Representations. ICML 2020.
//	https://arxiv.org/abs/2002.05709 (section 4.2),
//
// and, with as many hidden units as features, of MoCo v2 (Chen et al. 2020,
// https://arxiv.org/abs/2003.04297).
func newHead(cfg Config, s *state, name string, inputs int) []layer {
	s.beginHead()
	if cfg.Head != HeadMLP {
		return []layer{newLinear(s, name, headGain, cfg.Dim, inputs)}
	}
	hidden := cfg.HeadWidth
	if hidden == 0 {
		hidden = inputs
	}
	return []layer{
		newLinear(s, name+".0", heGain, hidden, inputs),
		relu{},
		newLinear(s, name+".2", headGain, cfg.Dim, hidden),
	}
}

// features is the number of numbers that enter the head.
func (c *Config) features() int {
	switch c.Kind {
	case Conv4:
		return c.Filters * (c.Height / 16) * (c.Width / 16)
	case Linear:
		return c.Channels * c.Height * c.Width
	case ResNet18:
		return 8 * c.Filters
	case ResNet50:
		return 32 * c.Filters
	}
	return c.Filters
}

// hiddenWeights is the number of weights that the MLP adds.
func (c *Config) hiddenWeights() int {
	if c.Head != HeadMLP {
		return 0
	}
	hidden := c.HeadWidth
	if hidden == 0 {
		hidden = c.features()
	}
	return hidden * (c.features() + c.Dim)
}

// headLayers is the number of layers of newHead.
func headLayers(cfg Config) int {
	if cfg.Head == HeadMLP {
		return 3
	}
	return 1
}

// WithoutHead is the network that gives the features in place of the embedding,
// brought to unit length: what is kept of a network that has learnt without labels
// (Chen et al., section 4.2). It has the very parameters of n, and its own room. It is
// for Embed; Train would train n's trunk.
func (n *Net) WithoutHead() *Net {
	f := &Net{
		config: n.config, pixels: n.pixels, trunk: n.trunk,
		layers:    append(slices.Clone(n.layers[:n.trunk]), normalize{}),
		state:     state{seed: n.state.seed},
		scratch:   &scratch{},
		embedders: map[int]*graph{},
		trainers:  map[int]*graph{},
	}
	f.config.Dim, f.config.Dropout = n.config.features(), 0
	for _, p := range n.state.all {
		if p.head {
			continue
		}
		f.state.all = append(f.state.all, p)
		if p.grad != nil {
			f.parameters += len(p.value)
		}
	}
	return f
}
