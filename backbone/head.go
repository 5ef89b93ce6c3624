package backbone

import "crossbatch/backbone/network"

// The kinds of head. HeadMLP is the projection head of
//
//	Ting Chen, Simon Kornblith, Mohammad Norouzi, Geoffrey Hinton. A Simple
//	Framework for Contrastive Learning of Visual Representations. ICML 2020.
//	https://arxiv.org/abs/2002.05709 (section 4.2),
//
// and, with as many hidden units as features, of MoCo v2 (Chen et al. 2020,
// https://arxiv.org/abs/2003.04297). HeadNone leaves the features as they are.
const (
	HeadLinear = "linear"
	HeadMLP    = "mlp"
	HeadNone   = "none"
)

// head adds the map from features to the embedding.
func head(b *network.Builder, features network.Value, c Config, name string) network.Value {
	switch c.Head {
	case HeadNone:
		return features
	case HeadMLP:
		width := c.HeadWidth
		if width == 0 {
			width = network.Elements(b.Shape(features))
		}
		hidden := b.ReLU(b.Linear(features, name+".0", network.ReLUGain, width))
		return b.Linear(hidden, name+".2", network.LinearGain, c.Dim)
	}
	return b.Linear(features, name, network.LinearGain, c.Dim)
}

// WithoutHead is the network that gives the features in place of the embedding,
// brought to unit length: what is kept of a network that has learnt without labels
// (Chen et al., section 4.2). It has the very parameters of n, and its own room. It is
// for Embed; Train would train n's trunk.
func (n *Net) WithoutHead() *Net {
	c := n.config
	c.Head, c.Dropout, c.LayerNorm, c.NoNormalize = HeadNone, 0, false, false
	described, err := describe(c)
	if err != nil {
		panic(err) // the trunk is one that New has described
	}
	// The trunk's parameters come first.
	return newNet(c, described, n.state.all[:len(described.Parameters)])
}
