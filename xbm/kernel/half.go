package kernel

import "math"

// FromHalf stores the numbers of src, IEEE 754 binary16, in dst, exactly. Both
// have one length.
func FromHalf(dst []float32, src []uint16) { native.fromHalf(dst, src) }

// ToHalf stores the numbers of src in dst as IEEE 754 binary16, each the nearest
// there is, ties to even. Both have one length.
func ToHalf(dst []uint16, src []float32) { native.toHalf(dst, src) }

func sameCount(name string, a, b int) {
	if a != b {
		panic("kernel: slices of different lengths in " + name)
	}
}

// The exponents of binary16 and float32 are biased by 15 and 127, their
// fractions have 10 and 23 bits.
const (
	halfShift   = 23 - 10
	halfBias    = 127 - 15
	halfSign    = 1 << 15
	halfInf     = 0x7c00
	subnormal   = 0x1p-24              // the least of binary16 above 0
	leastNormal = (1 + halfBias) << 23 // in float32's bits
	mostFinite  = 0x477fefff           // rounds down to the largest of binary16
)

func fromHalfPortable(dst []float32, src []uint16) {
	for i, h := range src {
		sign, size := uint32(h&halfSign)<<16, uint32(h&^halfSign)
		switch {
		case size >= halfInf:
			dst[i] = math.Float32frombits(sign | 0x7f800000 | (size-halfInf)<<halfShift)
		case size >= 1<<10:
			dst[i] = math.Float32frombits(sign | size<<halfShift + halfBias<<23)
		default:
			dst[i] = math.Float32frombits(sign | math.Float32bits(float32(size)*subnormal))
		}
	}
}

func toHalfPortable(dst []uint16, src []float32) {
	for i, x := range src {
		bits := math.Float32bits(x)
		sign, size := uint16(bits>>16)&halfSign, bits&^(1<<31)
		switch {
		case size > 0x7f800000: // NaN: quiet, its first bits kept
			dst[i] = sign | halfInf | 1<<9 | uint16(size>>halfShift)&(1<<10-1)
		case size > mostFinite:
			dst[i] = sign | halfInf
		case size < leastNormal:
			dst[i] = sign | uint16(math.RoundToEven(float64(math.Float32frombits(size))/subnormal))
		default:
			// Half of the last place, less one bit where that place is even.
			size += 1<<(halfShift-1) - 1 + size>>halfShift&1
			dst[i] = sign | uint16(size>>halfShift-halfBias<<10)
		}
	}
}
