package kernel

import "golang.org/x/sys/cpu"

func detect() kind {
	switch x := cpu.X86; {
	case x.HasAVX512F && x.HasBMI2:
		return avx512
	case x.HasAVX2 && x.HasFMA:
		return avx2
	default:
		return portable
	}
}
