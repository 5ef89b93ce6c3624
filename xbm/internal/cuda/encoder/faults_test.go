//go:build nvidia

package encoder

import (
	"testing"

	"crossbatch/xbm/internal/cuda/cudatest"
)

// Faults that are planted in the kernels: each must be seen by the tests of the operations.
func TestPlantedFaultsAreCaught(t *testing.T) {
	fake().Caught(t, "../kernel", []cudatest.Fault{
		{"a missing wait", "product.cu", "copy_wait<stages - 2>();", "copy_wait<stages - 1>();"},
		{"a missing barrier", "product.cu", "		barrier();\n", ""},
		{"rows that are not there", "product.cu", "r >= rows || ", ""},
		{"a wrong tap", "gather.h", "x += p.x * g.stride - g.pad;", "x += p.x * g.stride - g.pad + 1;"},
		{"sums that are not there yet", "rows.h", "	barrier();\n	return shared[0]", "	return shared[0]"},
		{"numbers that are no channels", "numbers.cu", "i % step < channels ? activation", "i % step >= 0 ? activation"},
	}, "TestOperationsAreTheProcessors", "XBM_CUDA_FEW=1")
}

// The same of the way back.
func TestPlantedFaultsOfTheWayBackAreCaught(t *testing.T) {
	fake().Caught(t, "../kernel", []cudatest.Fault{
		{"a missing wait", "weights.cu", "copy_wait<stages - 2>();", "copy_wait<stages - 1>();"},
		{"a part too few", "weights.cu", "p < count; p++", "p < count - 1; p++"},
		{"a wrong pixel on the way back", "gather.h", "y = p.y + g.pad - y;", "y = p.y + g.pad - y + 1;"},
		{"sums that are not there yet", "norm.cu", "	barrier();\n	return shared[channel]", "	return shared[channel]"},
	}, "TestGradientsAreTheProcessors", "XBM_CUDA_FEW=1")
}
