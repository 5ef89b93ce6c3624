package backbone

import (
	"fmt"

	"crossbatch/backbone/network"
)

// maxElements bounds what a configuration may ask for: parameters in all, and
// the elements of any one image's activation.
const maxElements = 1 << 28

// describe is the network of a valid configuration, from the images to the
// embedding.
func describe(c Config) (*network.Network, error) {
	k, err := kindOf(c.Kind)
	if err != nil {
		return nil, err
	}
	b := network.NewBuilder(c.Channels, c.Height, c.Width)
	b.FreezeBatchNorm, b.FreezeAll = c.Freeze == FreezeBatchNorm, c.Freeze == FreezeTrunk
	x := k.trunk(b, c)
	b.FreezeBatchNorm, b.FreezeAll, b.Head = false, false, true
	dropped := network.Images
	if c.Dropout > 0 {
		x = b.Dropout(x, c.Dropout, c.Seed)
		dropped = x
	}
	x = head(b, x, c, k.head)
	if c.Dropout > 0 {
		b.Count(dropped, "dropout")
	}
	if c.LayerNorm {
		name := "norm"
		if b.Has(name + ".weight") { // the trunk has one
			name = "embedding.norm"
		}
		x = b.LayerNorm(x, name)
	}
	if !c.NoNormalize {
		x = b.Normalize(x)
	}
	n, err := b.Finish(x)
	if err != nil {
		return nil, fmt.Errorf("backbone: %s of images of %d×%d×%d: %w", c.Kind, c.Channels, c.Height, c.Width, err)
	}
	if n.Output == network.Images {
		return nil, fmt.Errorf("backbone: %s without head and unit length is the image itself: give it one of them", c.Kind)
	}
	if weights, widest := n.Size(); weights > maxElements || widest > maxElements {
		return nil, fmt.Errorf("backbone: network too large: %d weights, %d elements an image: keep each under %d: fewer Filters or smaller images",
			weights, widest, maxElements)
	}
	return n, nil
}
