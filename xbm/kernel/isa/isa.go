// Package isa tells which instructions this processor has, of those that the
// kernels have code for.
package isa

// Set is a set of instructions. A larger one includes the smaller ones.
type Set int

// The sets.
const (
	Portable Set = iota // what Go compiles to
	AVX2                // with FMA
	AVX512
)

func (s Set) String() string { return [...]string{"portable", "avx2", "avx512"}[s] }
