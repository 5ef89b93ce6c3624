package backbone

import (
	"fmt"
	"strings"
)

// The kinds of network.
const (
	Conv4    = "conv4"
	Linear   = "linear"
	MLP      = "mlp"
	ResNet18 = "resnet18"
	ResNet50 = "resnet50"
)

// What can be frozen.
const (
	FreezeBatchNorm = "bn"
	FreezeTrunk     = "trunk"
)

// The kinds of head.
const (
	HeadLinear = "linear"
	HeadMLP    = "mlp"
)

// Kinds lists the kinds of network.
func Kinds() []string { return []string{Conv4, Linear, MLP, ResNet18, ResNet50} }

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
	// 64; of MLP the width of the hidden layer, 0 meaning 512; of ResNet18 and
	// ResNet50 the channels of the stem, 0 meaning 64. Linear has none.
	Filters int

	// Dim is the number of elements of an embedding, 0 meaning 128.
	Dim int

	// Head is what maps the features to the embedding: HeadLinear, which "" means,
	// or HeadMLP, a hidden layer with a ReLU before it: the projection head of
	// learning without labels. HeadWidth is the number of hidden units, 0 meaning as
	// many as there are features.
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

	// Seed draws the initial weights; the same seed gives the same weights.
	Seed uint64
}

// maxElements bounds what a configuration may ask for: parameters in all, and
// the elements of any one image's activation.
const maxElements = 1 << 28

// maxSize bounds each number of a Config, so that products of them fit 64 bits.
const maxSize = 1 << 16

// smallestConv4 is the least height and width of which four halvings leave one.
const smallestConv4 = 16

// validate fills in defaults and returns the first contradiction.
func (c *Config) validate() error {
	width := 0
	switch c.Kind {
	case Conv4, ResNet18, ResNet50:
		width = 64
	case MLP:
		width = 512
	case Linear:
		width = 1
	default:
		return fmt.Errorf("backbone: unknown network: %q: choose one of %s", c.Kind, strings.Join(Kinds(), ", "))
	}
	switch c.Freeze {
	case "", FreezeBatchNorm, FreezeTrunk:
	default:
		return fmt.Errorf("backbone: %q cannot be frozen: choose %s, %s or nothing", c.Freeze, FreezeBatchNorm, FreezeTrunk)
	}
	if c.Head != "" && c.Head != HeadLinear && c.Head != HeadMLP {
		return fmt.Errorf("backbone: unknown head: %q: choose %s or %s", c.Head, HeadLinear, HeadMLP)
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
		c.Filters = width
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
	if c.Kind == Conv4 && min(c.Height, c.Width) < smallestConv4 {
		return fmt.Errorf("backbone: image too small for %s: %d×%d: give at least %d×%d, or use %s",
			Conv4, c.Height, c.Width, smallestConv4, smallestConv4, MLP)
	}
	pixels := c.Height * c.Width
	widest := c.Channels
	weights := (c.Channels*pixels + c.Dim) * c.Filters
	if c.Kind == Linear {
		weights = c.Channels * pixels * c.Dim
	}
	if c.Kind == Conv4 {
		widest = max(widest, c.Filters)
		weights = 9*c.Filters*(c.Channels+3*c.Filters) + c.Filters*(c.Height/16)*(c.Width/16)*c.Dim
	}
	if c.Kind == ResNet18 || c.Kind == ResNet50 {
		widest = max(widest, c.Filters) // bottlenecks are four times as wide on a quarter of the pixels
		weights = c.Filters * (2800*c.Filters + 49*c.Channels + 8*c.Dim)
		if c.Kind == ResNet50 {
			widest = 4 * max(c.Channels, c.Filters)
			weights = c.Filters * (5800*c.Filters + 49*c.Channels + 32*c.Dim)
		}
	}
	if pixels*widest <= maxElements {
		weights += c.hiddenWeights()
	}
	if pixels*widest > maxElements || weights > maxElements {
		return fmt.Errorf("backbone: network too large: %d weights, %d elements an image: keep each under %d: fewer Filters or smaller images",
			weights, pixels*widest, maxElements)
	}
	return nil
}
