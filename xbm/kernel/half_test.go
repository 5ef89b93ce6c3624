package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// halfValue is the number by its definition.
func halfValue(h uint16) float64 {
	sign, exponent, fraction := 1-2*float64(h>>15), int(h>>10&31), float64(h&1023)
	switch exponent {
	case 31:
		if fraction > 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	case 0:
		return sign * math.Ldexp(fraction, -24)
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

func TestHalves(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		all := make([]uint16, 1<<16)
		for i := range all {
			all[i] = uint16(i)
		}
		wide, back := make([]float32, len(all)), make([]uint16, len(all))
		kd.fromHalf(wide, all)
		kd.toHalf(back, wide)
		for i, h := range all {
			want := halfValue(h)
			if float64(wide[i]) != want && !math.IsNaN(want) || math.IsNaN(want) != (wide[i] != wide[i]) {
				t.Fatalf("%#04x is %g, want %g", h, wide[i], want)
			}
			if back[i] != h && !math.IsNaN(want) {
				t.Fatalf("%g becomes %#04x, want %#04x", wide[i], back[i], h)
			}
		}
		// Everything between two halves, and half-way between.
		for i := range all[:halfInf] {
			lo, hi := halfValue(uint16(i)), halfValue(uint16(i+1))
			if i+1 == halfInf {
				hi = 1 << 16
			}
			middle := lo + (hi-lo)/2
			x := []float32{float32(middle), math.Nextafter32(float32(middle), 0), math.Nextafter32(float32(middle), float32(math.Inf(1))), -float32(middle)}
			even := uint16(i + i&1)
			want := []uint16{even, uint16(i), uint16(i + 1), even | halfSign}
			for range 3 {
				x, want = append(x, x...), append(want, want...)
			}
			got := make([]uint16, len(x))
			kd.toHalf(got, x)
			if !slices.Equal(got, want) {
				t.Fatalf("between %g and %g: %#04x, want %#04x", lo, hi, got[:4], want[:4])
			}
		}
		rng := rand.New(rand.NewPCG(15, 15))
		for n := range 100 {
			x := randomFloats(rng, n)
			got, want := make([]uint16, n), make([]uint16, n)
			kd.toHalf(got, x)
			toHalfPortable(want, x)
			if !slices.Equal(got, want) {
				t.Fatalf("%d numbers: %#04x, want %#04x", n, got, want)
			}
		}
	})
	mustPanic(t, "halves", "kernel: slices of different lengths in ToHalf", func() { ToHalf(make([]uint16, 2), make([]float32, 3)) })
}
