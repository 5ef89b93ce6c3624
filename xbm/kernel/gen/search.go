//go:build gen

package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// largest writes the maximum.
func largest(a *assembler, v set) {
	name := "largest" + v.name
	a.text(name, "func(x *float32, n int) float32", name+" returns the largest of n floats, -Inf of none.")
	x, n := a.load("x"), a.load("n")
	acc, none := v.vec[:unroll], v.vec[unroll]
	a.emit(x86.VMOVUPS(a.constant("negativeInf", math.Inf(-1)), none))
	for _, r := range acc {
		a.emit(x86.VMOVAPS(none, r))
	}
	loops(a, v, n, []reg.GPVirtual{x}, func(u int, masked bool) {
		at := operand.Mem{Base: x, Disp: u * v.bytes()}
		if !masked {
			a.emit(x86.VMAXPS(at, acc[u], acc[u]))
			return
		}
		y := v.vec[unroll+1]
		v.maskedLoad(a, at, y)
		v.choose(a, v.mask, y, none, y)
		a.emit(x86.VMAXPS(y, acc[u], acc[u]))
	})
	v.reduce(a, x86.VMAXPS)
	a.result(reg.X0)
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// leastAbove writes the minimum of those above a bound.
func leastAbove(a *assembler, v set) {
	name := "leastAbove" + v.name
	a.text(name, "func(x *float32, n int, bound float32) float32",
		name+" returns the least of the floats above bound, +Inf of none.")
	x, n := a.load("x"), a.load("n")
	acc, none, bound := v.vec[:unroll], v.vec[unroll], v.vec[unroll+1]
	a.emit(x86.VMOVUPS(a.constant("positiveInf", math.Inf(1)), none))
	a.emit(x86.VBROADCASTSS(a.arg("bound"), bound))
	for _, r := range acc {
		a.emit(x86.VMOVAPS(none, r))
	}
	v.fullMask(a)
	loops(a, v, n, []reg.GPVirtual{x}, func(u int, masked bool) {
		y, spare := v.vec[unroll+2+u%2*2], v.vec[unroll+3+u%2*2]
		v.load(a, operand.Mem{Base: x, Disp: u * v.bytes()}, y, masked)
		v.choose(a, v.compare(a, greater, y, bound, spare, masked), y, none, y)
		a.emit(x86.VMINPS(y, acc[u], acc[u]))
	})
	v.reduce(a, x86.VMINPS)
	a.result(reg.X0)
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// cut writes the removal of what is not above a bound.
func cut(a *assembler, v set) {
	name := "cut" + v.name
	a.text(name, "func(x *float32, n int, bound float32)", name+" makes -Inf of the floats that are not above bound.")
	x, n := a.load("x"), a.load("n")
	none, bound := v.vec[0], v.vec[1]
	a.emit(x86.VMOVUPS(a.constant("negativeInf", math.Inf(-1)), none))
	a.emit(x86.VBROADCASTSS(a.arg("bound"), bound))
	v.fullMask(a)
	loops(a, v, n, []reg.GPVirtual{x}, func(u int, masked bool) {
		y, spare := v.vec[2+u*2], v.vec[3+u*2]
		at := operand.Mem{Base: x, Disp: u * v.bytes()}
		v.load(a, at, y, masked)
		v.choose(a, v.compare(a, greater, y, bound, spare, masked), y, none, y)
		v.store(a, y, at, masked)
	})
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// countAbove writes the counting of what is above a bound.
func countAbove(a *assembler, v set, mark bool) {
	name, doc := "countAbove"+v.name, " returns how many floats are above bound."
	signature := "func(x *float32, n int, bound float32) int"
	if mark {
		name, doc = "markAbove"+v.name, " adds 1 to dst where x is above bound, and returns how often that is."
		signature = "func(dst, x *float32, n int, bound float32) int"
	}
	a.text(name, signature, name+doc)
	x, n := a.load("x"), a.load("n")
	var dst reg.GPVirtual
	moving := []reg.GPVirtual{x}
	if mark {
		dst = a.load("dst")
		moving = []reg.GPVirtual{dst, x}
	}
	one, bound := v.vec[0], v.vec[1]
	a.emit(x86.VMOVUPS(a.constant("one", 1), one))
	a.emit(x86.VBROADCASTSS(a.arg("bound"), bound))
	count := a.regs.GP64()
	a.emit(x86.XORQ(count, count))
	v.fullMask(a)
	loops(a, v, n, moving, func(u int, masked bool) {
		y, spare := v.vec[2+u*2], v.vec[3+u*2]
		at := operand.Mem{Base: x, Disp: u * v.bytes()}
		v.load(a, at, y, masked)
		held := v.compare(a, greater, y, bound, spare, masked)
		bits := v.bits(a, held)
		a.emit(x86.POPCNTL(bits, bits))
		a.emit(x86.ADDQ(bits.As64(), count))
		if !mark {
			return
		}
		at.Base = dst
		v.load(a, at, y, masked)
		if v.wide() {
			a.emit(x86.VADDPS(one, y, held, y))
		} else {
			a.emit(x86.VANDPS(one, held, held))
			a.emit(x86.VADDPS(held, y, y))
		}
		v.store(a, y, at, masked)
	})
	a.resultInt(count)
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// find writes the listing of places, by ascending place. In most vectors there
// is nothing to be found. What it stores may reach a vector past the last place.
func find(a *assembler, v set, what, signature, doc string) {
	name := what + v.name
	a.text(name, signature, name+" stores the places in x whose "+doc+", and returns their number.")
	dst, x, n := a.load("dst"), a.load("x"), a.load("n")
	wanted, y, spare, places, step := v.vec[0], v.vec[1], v.vec[2], v.vec[3], v.vec[4]
	start, base := a.regs.GP64(), a.regs.GP64()
	a.emit(x86.MOVQ(dst, start))
	a.emit(x86.XORQ(base, base))
	each := what == "aboveEach"
	var bounds reg.GPVirtual
	if each {
		bounds = a.load("bounds")
	} else {
		a.emit(x86.VBROADCASTSS(a.arg(map[string]string{"above": "bound", "equal": "value"}[what]), wanted))
	}
	if v.wide() {
		first, lanes := make([]uint32, 16), make([]uint32, 16)
		for i := range first {
			first[i], lanes[i] = uint32(i), 16
		}
		a.emit(x86.VMOVUPS(a.table("firstPlaces", first), places))
		a.emit(x86.VMOVUPS(a.table("sixteen", lanes), step))
	}
	v.fullMask(a)

	vector := func(masked bool, next string) {
		v.load(a, operand.Mem{Base: x}, y, masked)
		var held reg.Register
		if each {
			v.load(a, operand.Mem{Base: bounds}, wanted, masked)
		}
		switch {
		case what != "equal":
			held = v.compare(a, greater, y, wanted, spare, masked)
		case v.wide():
			held = reg.K2
			a.emit(x86.VPCMPEQD(y, wanted, v.mask, held))
		default:
			held = spare
			a.emit(x86.VPCMPEQD(y, wanted, held))
			if masked {
				a.emit(x86.VANDPS(v.mask, held, held))
			}
		}
		bits := v.bits(a, held)
		a.emit(x86.TESTL(bits, bits))
		a.emit(x86.JZ(operand.LabelRef(next)))
		if v.wide() {
			a.emit(x86.VPCOMPRESSD_Z(places, held, y))
			a.emit(x86.VMOVUPS(y, operand.Mem{Base: dst}))
			a.emit(x86.POPCNTL(bits, bits))
			a.emit(x86.LEAQ(operand.Mem{Base: dst, Index: bits.As64(), Scale: 4}, dst))
			return
		}
		place := a.regs.GP32()
		again := next + "Each"
		a.label(again)
		a.emit(x86.TZCNTL(bits, place))
		a.emit(x86.ADDL(base.As32(), place))
		a.emit(x86.MOVL(place, operand.Mem{Base: dst}))
		a.emit(x86.ADDQ(operand.U8(4), dst))
		a.emit(x86.BLSRL(bits, bits))
		a.emit(x86.JNZ(operand.LabelRef(again)))
	}
	a.emit(x86.SUBQ(operand.U32(v.lanes), n))
	a.emit(x86.JLT(operand.LabelRef("tail")))
	a.label("vector")
	vector(false, "next")
	a.label("next")
	if v.wide() {
		a.emit(x86.VPADDD(step, places, places))
	}
	a.emit(x86.ADDQ(operand.U8(v.lanes), base))
	a.emit(x86.ADDQ(operand.U8(v.bytes()), x))
	if each {
		a.emit(x86.ADDQ(operand.U8(v.bytes()), bounds))
	}
	a.emit(x86.SUBQ(operand.U32(v.lanes), n))
	a.emit(x86.JGE(operand.LabelRef("vector")))
	a.label("tail")
	a.emit(x86.ADDQ(operand.U32(v.lanes), n))
	a.emit(x86.JE(operand.LabelRef("done")))
	v.setMask(a, n)
	vector(true, "done")
	a.label("done")
	a.emit(x86.SUBQ(start, dst))
	a.emit(x86.SHRQ(operand.U8(2), dst))
	a.resultInt(dst)
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}
