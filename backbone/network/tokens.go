package network

import "slices"

// Tokens are rows of numbers: those of an image, channels long, a row for each
// place, from left to right and then down, after a first row that is learnt, the
// class token. Its parameter is that (1 × 1 × channels).
type Tokens struct{}

// Positions adds learnt rows to tokens: the first as it is, the others, which were
// learnt for places of Side × Side, interpolated bicubically to Height × Width. Its
// parameter is those rows (1 × 1+Side² × the tokens' numbers).
//
// Weights and places of the interpolation are PyTorch's, of a given size, without
// aligned corners and without a filter against aliases.
type Positions struct{ Side, Height, Width int }

// Attention is multi-head self-attention over tokens, whose queries, keys and
// values, each of all heads, lie one after the other in its input: of 3·D numbers
// a token it makes D.
//
//	Ashish Vaswani, Noam Shazeer, Niki Parmar, Jakob Uszkoreit, Llion Jones, Aidan
//	N. Gomez, Łukasz Kaiser, Illia Polosukhin, Attention Is All You Need, NeurIPS
//	2017, https://arxiv.org/abs/1706.03762, section 3.2.
type Attention struct{ Heads int }

// GELU is x·Φ(x), with the normal distribution's Φ, of any shape.
//
//	Dan Hendrycks, Kevin Gimpel, Gaussian Error Linear Units, 2016,
//	https://arxiv.org/abs/1606.08415.
type GELU struct{}

// Scale multiplies each number of a token, or of a row, by one for its place. They are
// its parameter.
//
//	Hugo Touvron, Matthieu Cord, Alexandre Sablayrolles, Gabriel Synnaeve, Hervé
//	Jégou, Going Deeper with Image Transformers, ICCV 2021,
//	https://arxiv.org/abs/2103.17239 (LayerScale).
type Scale struct{}

// FirstToken is the first token, a row.
type FirstToken struct{}

// MeanToken is the mean of all tokens but the first, a row.
type MeanToken struct{}

// Shape of an image's tokens.
func (o Tokens) Shape(in ...[]int) ([]int, error) {
	if len(in) != 1 || len(in[0]) != 3 {
		return nil, errShapes(o, in)
	}
	return []int{1 + in[0][1]*in[0][2], in[0][0]}, nil
}

// Shape of tokens with their positions: the input's.
func (o Positions) Shape(in ...[]int) ([]int, error) {
	if len(in) != 1 || len(in[0]) != 2 || o.Side < 1 || in[0][0] != 1+o.Height*o.Width {
		return nil, errShapes(o, in)
	}
	return in[0], nil
}

// Shape of what attention makes of tokens.
func (o Attention) Shape(in ...[]int) ([]int, error) {
	if len(in) != 1 || len(in[0]) != 2 || o.Heads < 1 || in[0][1]%(3*o.Heads) != 0 {
		return nil, errShapes(o, in)
	}
	return []int{in[0][0], in[0][1] / 3}, nil
}

// Shape of a GELU: the input's.
func (o GELU) Shape(in ...[]int) ([]int, error) { return same(o, in, 1) }

// Shape of what is scaled: the input's.
func (o Scale) Shape(in ...[]int) ([]int, error) {
	if len(in) != 1 || len(in[0]) > 2 {
		return nil, errShapes(o, in)
	}
	return in[0], nil
}

// Shape of the first token.
func (o FirstToken) Shape(in ...[]int) ([]int, error) { return oneToken(o, in, 1) }

// Shape of the mean of the other tokens.
func (o MeanToken) Shape(in ...[]int) ([]int, error) { return oneToken(o, in, 2) }

func oneToken(op Op, in [][]int, least int) ([]int, error) {
	if len(in) != 1 || len(in[0]) != 2 || in[0][0] < least {
		return nil, errShapes(op, in)
	}
	return slices.Clone(in[0][1:]), nil
}
