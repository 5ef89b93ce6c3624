// Package arithmetic is the float32 arithmetic of networks and optimizers, element by
// element: what convolutions, normalisations, activations, pools and updates need
// beside the matrix products and vectors of package xbm/kernel.
//
// The rules are those of that package. Results are bit-identical from run to run;
// they may differ in the last bits between kinds of processor. Slices of wrong length
// are a caller's mistake and panic. Nothing here keeps a reference to its arguments;
// all functions may be called concurrently on disjoint destinations.
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
