//go:build gen

package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// doubles returns a float64 in every lane of a vector, in memory.
func (a *assembler) doubles(name string, x float64) operand.Mem {
	words := make([]uint32, 16)
	for i := 0; i < len(words); i += 2 {
		words[i], words[i+1] = uint32(math.Float64bits(x)), uint32(math.Float64bits(x)>>32)
	}
	return a.table(name, words)
}

// bins writes the search for the bins that numbers fall into, half a vector of them at a
// time, in float64.
func bins(a *assembler, v set) {
	name := "bins" + v.name
	a.text(name, "func(places *int32, parts, x *float32, n int, scale, shift, most float64, last int32)",
		name+" stores the bins of scale·x+shift, and how far into them it is. n is a multiple of 8.")
	places, parts, x, n := a.load("places"), a.load("parts"), a.load("x"), a.load("n")
	half := func(k int) reg.Register { // float32 and int32
		if v.wide() {
			return []reg.Register{reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7}[k]
		}
		return []reg.Register{reg.X0, reg.X1, reg.X2, reg.X3, reg.X4, reg.X5, reg.X6, reg.X7}[k]
	}
	none, last, beyond := half(0), half(1), half(2)
	scale, shift, most, zero, unit := v.vec[8], v.vec[9], v.vec[10], v.vec[11], v.vec[12]
	wide := v.vec[13]
	at := v.vec[14]
	a.emit(x86.VBROADCASTSS(a.constant("noPair", -2), none))
	a.emit(x86.VBROADCASTSS(a.arg("last"), last))
	a.emit(x86.VPCMPEQD(beyond, beyond, beyond))
	a.emit(x86.VPSUBD(beyond, last, beyond)) // last+1
	a.emit(x86.VBROADCASTSD(a.arg("scale"), scale))
	a.emit(x86.VBROADCASTSD(a.arg("shift"), shift))
	a.emit(x86.VBROADCASTSD(a.arg("most"), most))
	v.zero(a, zero)
	a.emit(x86.VMOVUPS(a.doubles("binUnit", 1<<24), unit))
	narrow := func(from, to reg.Register, whole bool) {
		switch {
		case !whole && v.wide():
			a.emit(x86.VCVTPD2PS(from, to))
		case !whole:
			a.emit(x86.VCVTPD2PSY(from, to))
		case v.wide():
			a.emit(x86.VCVTTPD2DQ(from, to))
		default:
			a.emit(x86.VCVTTPD2DQY(from, to))
		}
	}
	a.label("half")
	sim, place, part, held := half(3), half(4), half(5), half(6)
	a.emit(x86.VMOVUPS(operand.Mem{Base: x}, sim))
	a.emit(x86.VCVTPS2PD(sim, wide))
	a.emit(x86.VMULPD(scale, wide, wide))
	a.emit(x86.VADDPD(shift, wide, wide))
	a.emit(x86.VMAXPD(zero, wide, wide))
	a.emit(x86.VMINPD(most, wide, wide))
	narrow(wide, place, true)
	a.emit(x86.VPMINSD(last, place, place))
	a.emit(x86.VCVTDQ2PD(place, at))
	a.emit(x86.VSUBPD(at, wide, wide))
	a.emit(x86.VMULPD(unit, wide, wide))
	if v.wide() {
		a.emit(x86.VRNDSCALEPD(operand.U8(0), wide, wide))
	} else {
		a.emit(x86.VROUNDPD(operand.U8(0), wide, wide))
	}
	narrow(wide, part, false)
	a.emit(x86.VCMPPS(greater, none, sim, held))
	a.emit(x86.VBLENDVPS(held, place, beyond, place))
	a.emit(x86.VANDPS(held, part, part))
	a.emit(x86.VMOVUPS(place, operand.Mem{Base: places}))
	a.emit(x86.VMOVUPS(part, operand.Mem{Base: parts}))
	for _, p := range []reg.GPVirtual{x, places, parts} {
		a.emit(x86.ADDQ(operand.U8(v.bytes()/2), p))
	}
	a.emit(x86.SUBQ(operand.U8(v.lanes/2), n))
	a.emit(x86.JG(operand.LabelRef("half")))
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// sigmoids writes the sums over σ = e/(e+f) and σ·(1-σ), or the addition of the latter.
func sigmoids(a *assembler, v set, sums bool) {
	var dst reg.GPVirtual
	name := "addSlopes" + v.name
	if sums {
		name = "sigmoids" + v.name
		a.text(name, "func(sums, e *float32, n int, f float32)", name+" stores Σ σ and Σ σ·(1-σ) in sums, σ being e/(e+f).")
	} else {
		a.text(name, "func(dst, e *float32, n int, f, times float32)", name+" adds times·σ·(1-σ) to dst, σ being e/(e+f).")
		dst = a.load("dst")
	}
	e, n := a.load("e"), a.load("n")
	values, slopes := v.vec[:2], v.vec[12:14]
	for _, s := range append(v.vec[:4:4], slopes...) {
		v.zero(a, s)
	}
	f, most, times, two := v.vec[4], v.vec[5], v.vec[6], v.vec[7]
	a.emit(x86.VBROADCASTSS(a.arg("f"), f))
	a.emit(x86.VBROADCASTSS(a.constant("mostOdds", mostOdds), most))
	if v.wide() {
		a.emit(x86.VBROADCASTSS(a.constant("twoOdds", 2), two))
	}
	moving := []reg.GPVirtual{e}
	if !sums {
		a.emit(x86.VBROADCASTSS(a.arg("times"), times))
		moving = append(moving, dst)
	}
	loops(a, v, n, moving, func(u int, masked bool) {
		x, all := v.vec[8+u%2*2], v.vec[9+u%2*2]
		at := operand.Mem{Base: e, Disp: u * v.bytes()}
		v.load(a, at, x, masked)
		a.emit(x86.VMINPS(most, x, x))
		a.emit(x86.VADDPS(f, x, all))
		if v.wide() {
			inverse := v.vec[16+u%2]
			a.emit(x86.VRCP14PS(all, inverse))
			a.emit(x86.VFNMADD213PS(two, inverse, all)) // 2 - all·inverse
			a.emit(x86.VMULPS(all, inverse, inverse))
			a.emit(x86.VMULPS(inverse, x, x))
			a.emit(x86.VMULPS(f, inverse, all))
		} else {
			a.emit(x86.VDIVPS(all, x, x))
			a.emit(x86.VDIVPS(all, f, all))
		}
		if sums {
			a.emit(x86.VADDPS(x, values[u%2], values[u%2]))
			a.emit(x86.VFMADD231PS(x, all, slopes[u%2]))
			return
		}
		a.emit(x86.VMULPS(x, all, all))
		at.Base = dst
		v.load(a, at, x, masked)
		a.emit(x86.VFMADD231PS(times, all, x))
		v.store(a, x, at, masked)
	})
	if sums {
		out := a.load("sums")
		v.reduce(a, x86.VADDPS)
		a.emit(x86.VMOVSS(reg.X0, operand.Mem{Base: out}))
		a.emit(x86.VMOVAPS(slopes[0], v.vec[0]))
		a.emit(x86.VMOVAPS(slopes[1], v.vec[1]))
		v.zero(a, v.vec[2])
		v.zero(a, v.vec[3])
		v.reduce(a, x86.VADDPS)
		a.emit(x86.VMOVSS(reg.X0, operand.Mem{Base: out, Disp: 4}))
	}
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// mostOdds is e^80: beyond, σ is 1.
const mostOdds = 5.5406223843935098e34
