package isa

import "golang.org/x/sys/cpu"

// Native is the largest set that this processor has.
func Native() Set {
	switch x := cpu.X86; {
	case x.HasAVX512F && x.HasBMI2:
		return AVX512
	case x.HasAVX2 && x.HasFMA:
		return AVX2
	default:
		return Portable
	}
}
