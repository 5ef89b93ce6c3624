package arithmetic

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// eachKind runs f as a subtest for every kind, and skips those that this
// processor lacks.
func eachKind(t *testing.T, f func(t *testing.T, kd kind)) {
	t.Helper()
	for _, kd := range []kind{portable, avx2, avx512} {
		t.Run(kd.String(), func(t *testing.T) {
			if kd > native {
				t.Skipf("this processor has no %v", kd)
			}
			f(t, kd)
		})
	}
}

func randomFloats(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool {
		return math.Float32bits(x) == math.Float32bits(y)
	})
}

func mustPanic(t *testing.T, name, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := recover(); got != want {
			t.Errorf("%s: panic %v, want %q", name, got, want)
		}
	}()
	f()
}

var nan = float32(math.NaN())
