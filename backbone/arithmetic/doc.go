// Package arithmetic is the float32 arithmetic of networks and optimizers, element by
// element: what convolutions, normalisations, activations, pools and updates need
// beside the matrix products and vectors of package xbm/kernel.
//
// The rules are those of package xbm/kernel. Results are bit-identical from run to
// run; they may differ in the last bits between kinds of processor. Slices of wrong
// length are a caller's mistake and panic. Nothing here keeps a reference to its
// arguments; all functions may be called concurrently on disjoint destinations.
//
// # Channels
//
// The functions named Channel… take a mean, a factor and the like for each channel. What
// they pass over are rows of as many channels, one row after the other.
//
// # Winograd
//
// The functions named Winograd… are the linear maps of tiled convolution, F(2×2, 3×3)
// and F(4×4, 3×3), and their adjoints. A tile of an image and
// a filter are mapped and multiplied element by element; the product is mapped to the
// tile's outputs. That takes 16 multiplications instead of 36, or 36 instead of 144.
// Each function maps count squares of vectors of n elements; dst must not overlap src.
//
//	Andrew Lavin, Scott Gray, Fast Algorithms for Convolutional Neural Networks,
//	CVPR 2016, https://arxiv.org/abs/1509.09308 (sections 4.1 and 4.3)
//
// Unlike there, two signs of F(2×2, 3×3), which cancel, are turned, and the points of
// F(4×4, 3×3) are 0, ±5/8, ±3/2 and ∞, which lose fewer digits than 0, ±1, ±2 and ∞:
//
//	Barbara Barabasz, Andrew Anderson, Kirk M. Soodhalter, David Gregg, Error
//	Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural
//	Networks, ACM TOMS 2020, https://arxiv.org/abs/1803.10986
package arithmetic

//go:generate go run -tags gen ../../xbm/kernel/gen -part networks

import "crossbatch/xbm/kernel/isa"

// kind is a set of kernels. Their results agree but for rounding.
type kind isa.Set

const (
	portable = kind(isa.Portable)
	avx2     = kind(isa.AVX2)
	avx512   = kind(isa.AVX512)
)

// native is the best kind that this processor has.
var native = kind(isa.Native())

func (kd kind) String() string { return isa.Set(kd).String() }

func sameLength(name string, a, b []float32) {
	if len(a) != len(b) {
		panic("arithmetic: slices of different lengths in " + name)
	}
}
