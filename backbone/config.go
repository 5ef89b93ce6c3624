package backbone

import "fmt"

// What can be frozen.
const (
	FreezeBatchNorm = "bn"
	FreezeTrunk     = "trunk"
)

// Config describes a network. Kind, Channels, Height and Width must be given;
// the zero value of all else is a good start.
type Config struct {
	// Kind is one of Kinds.
	Kind string

	// Channels, Height and Width are the shape of one image. Conv4 wants at
	// least 16×16: it halves them four times, rounding down. ResNet18 and
	// ResNet50 begin with a small stem where either is under 64.
	Channels, Height, Width int

	// Filters is the number of channels after each block of Conv4, 0 meaning
	// 64; of MLP the width of the hidden layer, 0 meaning 512; of the vision
	// transformers the numbers of a token; of the others the channels of the stem, by
	// which all else becomes wider or narrower. 0 means as many as published. Linear
	// has none.
	Filters int

	// Dim is the number of elements of an embedding, 0 meaning 128. With HeadNone it is
	// ignored: there are as many as there are features.
	Dim int

	// Head is what maps the features to the embedding: HeadLinear, which "" means;
	// HeadMLP, a hidden layer with a ReLU before it: the projection head of
	// learning without labels; or HeadNone, for the features themselves. HeadWidth is
	// the number of hidden units, 0 meaning as many as there are features.
	Head      string
	HeadWidth int

	// Dropout is the share of the numbers that enter the head which are left out at
	// random in each training pass, from 0 up to, not including, 1.
	Dropout float64

	// NoBatchNorm leaves batch normalisation out of Conv4 and gives its
	// convolutions a bias instead. Linear and MLP never have any.
	NoBatchNorm bool

	// MaxPool takes the largest element of each channel at the end of ResNet18 and
	// ResNet50, in place of the mean.
	MaxPool bool

	// TokenPool says what the features of a vision transformer are: TokenClass, which ""
	// means, TokenPatches or TokenBoth. Others have no tokens.
	TokenPool string

	// LayerNorm brings each embedding to mean 0 and variance 1, then scales and
	// shifts it, before it is brought to unit length.
	LayerNorm bool

	// Freeze keeps a part of the network as it is: FreezeBatchNorm its batch
	// normalisation, which then uses its running statistics in training too;
	// FreezeTrunk all but the head. "" freezes nothing.
	Freeze string

	// Chunk is how many images of a training pass are in work at a time, 0 meaning
	// all of them: see [Net.Train].
	Chunk int

	// NoNormalize leaves embeddings as the head gives them. By default they
	// are brought to unit length.
	NoNormalize bool

	// Init is how the weights and biases of convolutions and linear maps are drawn:
	// InitHe, which "" means, or InitTorch. The rest starts the same by both.
	Init string

	// Seed draws the initial weights; the same seed gives the same weights.
	Seed uint64
}

// maxSize bounds each number of a Config, so that products of them fit 64 bits.
const maxSize = 1 << 16

// validate fills in defaults and returns the first contradiction.
func (c *Config) validate() error {
	k, err := kindOf(c.Kind)
	if err != nil {
		return err
	}
	switch c.Freeze {
	case "", FreezeBatchNorm, FreezeTrunk:
	default:
		return fmt.Errorf("backbone: %q cannot be frozen: choose %s, %s or nothing", c.Freeze, FreezeBatchNorm, FreezeTrunk)
	}
	switch c.Head {
	case "", HeadLinear, HeadMLP, HeadNone:
	default:
		return fmt.Errorf("backbone: unknown head: %q: choose %s, %s or %s", c.Head, HeadLinear, HeadMLP, HeadNone)
	}
	switch c.Init {
	case "", InitHe, InitTorch:
	default:
		return fmt.Errorf("backbone: initial weights by %q: choose %s or %s", c.Init, InitHe, InitTorch)
	}
	switch c.TokenPool {
	case "", TokenClass:
	case TokenPatches, TokenBoth:
		if !isTransformer(c.Kind) {
			return fmt.Errorf("backbone: %s has no tokens: TokenPool is for vision transformers: leave it out", c.Kind)
		}
	default:
		return fmt.Errorf("backbone: unknown pooling of tokens: %q: choose %s, %s or %s", c.TokenPool, TokenClass, TokenPatches, TokenBoth)
	}
	if c.HeadWidth < 0 || c.HeadWidth > maxSize {
		return fmt.Errorf("backbone: size out of range: HeadWidth %d: choose one within 0 to %d", c.HeadWidth, maxSize)
	}
	if c.Chunk < 0 {
		return fmt.Errorf("backbone: size out of range: Chunk %d: choose 0 (the whole batch) or more", c.Chunk)
	}
	if !(c.Dropout >= 0 && c.Dropout < 1) {
		return fmt.Errorf("backbone: dropout is %g: give a share from 0 up to, not including, 1", c.Dropout)
	}
	if c.Filters == 0 {
		c.Filters = k.filters
	}
	if c.Dim == 0 {
		c.Dim = 128
	}
	for _, f := range []struct {
		name  string
		value int
	}{{"Channels", c.Channels}, {"Height", c.Height}, {"Width", c.Width}, {"Filters", c.Filters}, {"Dim", c.Dim}} {
		if f.value < 1 || f.value > maxSize {
			return fmt.Errorf("backbone: size out of range: %s %d: choose one within 1 to %d", f.name, f.value, maxSize)
		}
	}
	if min(c.Height, c.Width) < k.least {
		return fmt.Errorf("backbone: image too small for %s: %d×%d: give at least %d×%d, or use %s",
			c.Kind, c.Height, c.Width, k.least, k.least, MLP)
	}
	if k.step > 0 && (c.Height%k.step > 0 || c.Width%k.step > 0) {
		return fmt.Errorf("backbone: images of %d×%d do not fit %s: give multiples of %d", c.Height, c.Width, c.Kind, k.step)
	}
	if c.Head == HeadNone && (c.Dropout > 0 || c.LayerNorm || c.Freeze == FreezeTrunk) {
		return fmt.Errorf("backbone: no head: Dropout, LayerNorm and freezing the %s want one: choose %s or %s", FreezeTrunk, HeadLinear, HeadMLP)
	}
	return nil
}
