package backbone

import (
	"fmt"

	"crossbatch/backbone/network"
)

// ViTS16 and ViTB16 are the vision transformers of
//
//	Alexey Dosovitskiy, Lucas Beyer, Alexander Kolesnikov, Dirk Weissenborn, Xiaohua
//	Zhai, Thomas Unterthiner, Mostafa Dehghani, Matthias Minderer, Georg Heigold,
//	Sylvain Gelly, Jakob Uszkoreit, Neil Houlsby, An Image is Worth 16x16 Words:
//	Transformers for Image Recognition at Scale, ICLR 2021,
//	https://arxiv.org/abs/2010.11929, table 1,
//
// over squares of 16×16 pixels, with 384 numbers a token (the small one of DeiT, Touvron
// et al. 2021, https://arxiv.org/abs/2012.12877) or 768, with the names of the
// parameters of timm and DINO (Caron et al. 2021, https://arxiv.org/abs/2104.14294),
// and with ImageNet's mean and deviation, as DINO has it. ViTS14 is that of
//
//	Maxime Oquab et al., DINOv2: Learning Robust Visual Features without
//	Supervision, TMLR 2024, https://arxiv.org/abs/2304.07193,
//
// over squares of 14×14, whose branches are scaled (LayerScale).
//
// The features are the class token, normalised, or as Config.TokenPool says. Positions are those of images of
// 224×224, of ViTS14 of 518×518, interpolated to the size of the images; pixels that
// no longer fill a square are left out.
const (
	ViTS16 = "vit-s16"
	ViTB16 = "vit-b16"
	ViTS14 = "vit-s14"
)

func vit16(b *network.Builder, c Config) network.Value {
	return vit(b, b.Patches(b.Images(), 16, c.Filters, 14), false, c.TokenPool)
}

func vit14(b *network.Builder, c Config) network.Value {
	return vit(b, b.Patches(b.Images(), 14, c.Filters, 37), true, c.TokenPool)
}

const (
	vitBlocks  = 12
	vitHead    = 64 // numbers of a head of attention
	vitEpsilon = 1e-6
)

// What of a vision transformer's tokens, normalised, are its features: the class token,
// the mean of all others, or the one after the other.
const (
	TokenClass   = "class"
	TokenPatches = "patches"
	TokenBoth    = "both"
)

func isTransformer(kind string) bool { return kind == ViTS16 || kind == ViTB16 || kind == ViTS14 }

func vit(b *network.Builder, x network.Value, scaled bool, pool string) network.Value {
	width := b.Shape(x)[1]
	norm := func(x network.Value, name string) network.Value {
		return b.LayerNormOf(x, name, network.LayerNorm{Epsilon: vitEpsilon})
	}
	add := func(x, y network.Value, scale string) network.Value {
		if scaled {
			y = b.Scale(y, scale, 1e-5)
		}
		return b.Sum(x, y)
	}
	for i := range vitBlocks {
		name := fmt.Sprintf("blocks.%d.", i)
		y := b.TokenLinear(norm(x, name+"norm1"), name+"attn.qkv", 3*width)
		y = b.Apply(network.Attention{Heads: max(1, width/vitHead)}, nil, y)
		x = add(x, b.TokenLinear(y, name+"attn.proj", width), name+"ls1.gamma")
		y = b.GELU(b.TokenLinear(norm(x, name+"norm2"), name+"mlp.fc1", 4*width))
		x = add(x, b.TokenLinear(y, name+"mlp.fc2", width), name+"ls2.gamma")
	}
	x = norm(x, "norm")
	class := func() network.Value { return b.Apply(network.FirstToken{}, nil, x) }
	patches := func() network.Value { return b.Apply(network.MeanToken{}, nil, x) }
	switch pool {
	case TokenPatches:
		return patches()
	case TokenBoth:
		return b.Concat(class(), patches())
	}
	return class()
}
