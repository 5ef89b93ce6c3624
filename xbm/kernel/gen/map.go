//go:build gen

package main

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// exponential writes the whole number n and e^r of e^t = 2ⁿ·e^r, where t = n·log 2 + r,
// |r| ≤ log(2)/2, and e^r is its Taylor polynomial up to r⁷, whose remainder is under 1/10
// of a rounding. constant gives one of expConstants. What was in t is lost.
func exponential(a *assembler, v set, constant func(name string) operand.Op, t, whole, p reg.Register) {
	a.emit(x86.VMULPS(constant("expLog2e"), t, whole))
	if v.wide() {
		a.emit(x86.VRNDSCALEPS(operand.U8(0), whole, whole))
	} else {
		a.emit(x86.VROUNDPS(operand.U8(0), whole, whole))
	}
	a.emit(x86.VFNMADD231PS(constant("expLn2Head"), whole, t))
	a.emit(x86.VFNMADD231PS(constant("expLn2Tail"), whole, t))
	a.emit(x86.VMOVUPS(constant("expTerm7"), p))
	for k := 6; k >= 0; k-- {
		a.emit(x86.VFMADD213PS(constant(fmt.Sprintf("expTerm%d", k)), t, p))
	}
}

// raised multiplies p by 2ⁿ, for a whole number n that is lost, where that is a normal
// number.
func raised(a *assembler, n, p reg.Register) {
	a.emit(x86.VCVTPS2DQ(n, n))
	a.emit(x86.VPSLLD(operand.U8(23), n, n))
	a.emit(x86.VPADDD(n, p, p))
}

// expConstants are those of exponential, and the bounds of exp.
func expConstants() map[string]float64 {
	const head = 0.693359375 // of log 2, with few bits: its products are exact
	constants := map[string]float64{
		"expLowest": -87, "expHighest": 88, "expLog2e": math.Log2E, "expLn2Head": head, "expLn2Tail": math.Ln2 - head,
	}
	factorial := 1.0
	for k := range 8 {
		constants[fmt.Sprintf("expTerm%d", k)] = 1 / factorial
		factorial *= float64(k + 1)
	}
	return constants
}

// exp writes dst = e^(scale·(x-top)) and the sum of it all.
func exp(a *assembler, v set) {
	name := "exp" + v.name
	a.text(name, "func(dst, x *float32, n int, top, scale float32) float32",
		name+" stores e^(scale·(x-top)), and 0 under e^-87, and returns the sum.")
	dst, x, n := a.load("dst"), a.load("x"), a.load("n")
	sums := v.vec[:unroll]
	top, scale := v.vec[4], v.vec[5]
	for _, s := range sums {
		v.zero(a, s)
	}
	a.emit(x86.VBROADCASTSS(a.arg("top"), top))
	a.emit(x86.VBROADCASTSS(a.arg("scale"), scale))
	// Constants stay in registers where there are enough.
	held, constants := map[string]reg.Register{}, expConstants()
	constant := func(name string) operand.Op {
		if v.wide() {
			return held[name]
		}
		return a.constant(name, constants[name])
	}
	if v.wide() {
		for i, name := range slices.Sorted(maps.Keys(constants)) {
			held[name] = v.vec[14+i]
			a.emit(x86.VMOVUPS(a.constant(name, constants[name]), held[name]))
		}
	}
	v.fullMask(a)
	loops(a, v, n, []reg.GPVirtual{dst, x}, func(u int, masked bool) {
		free := v.vec[6+u%2*4:]
		t, whole, p, spare := free[0], free[1], free[2], free[3]
		at := operand.Mem{Base: x, Disp: u * v.bytes()}
		v.load(a, at, t, masked)
		a.emit(x86.VSUBPS(top, t, t))
		a.emit(x86.VMULPS(scale, t, t))
		inside := v.compare(a, atLeast, t, constant("expLowest"), spare, masked)
		a.emit(x86.VMAXPS(constant("expLowest"), t, t))
		a.emit(x86.VMINPS(constant("expHighest"), t, t))
		exponential(a, v, constant, t, whole, p)
		if v.wide() {
			a.emit(x86.VSCALEFPS_Z(whole, p, inside, p))
		} else {
			raised(a, whole, p)
			a.emit(x86.VANDPS(inside, p, p))
		}
		at.Base = dst
		v.store(a, p, at, masked)
		a.emit(x86.VADDPS(p, sums[u], sums[u]))
	})
	v.reduce(a, x86.VADDPS)
	a.result(reg.X0)
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// chord writes dst = √(2-2x), or 0 where x is above 1.
func chord(a *assembler, v set) {
	name := "chord" + v.name
	a.text(name, "func(dst, x *float32, n int)", name+" stores √max(0, 2-2x).")
	dst, x, n := a.load("dst"), a.load("x"), a.load("n")
	zero, two := v.vec[0], v.vec[1]
	v.zero(a, zero)
	a.emit(x86.VMOVUPS(a.constant("two", 2), two))
	loops(a, v, n, []reg.GPVirtual{dst, x}, func(u int, masked bool) {
		s, d := v.vec[2+u*2], v.vec[3+u*2]
		at := operand.Mem{Base: x, Disp: u * v.bytes()}
		v.load(a, at, s, masked)
		a.emit(x86.VMOVAPS(two, d))
		a.emit(x86.VFNMADD231PS(s, two, d))
		a.emit(x86.VMAXPS(zero, d, d))
		a.emit(x86.VSQRTPS(d, d))
		at.Base = dst
		v.store(a, d, at, masked)
	})
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// pairwise writes dst = x op y, for an operation that leaves y op x in its last.
func pairwise(a *assembler, v set, verb, result string, op func(...operand.Op) (*ir.Instruction, error)) {
	name := verb + v.name
	a.text(name, "func(dst, x, y *float32, n int)", name+" stores "+result+".")
	dst, x, y, n := a.load("dst"), a.load("x"), a.load("y"), a.load("n")
	loops(a, v, n, []reg.GPVirtual{dst, x, y}, func(u int, masked bool) {
		p, q := v.vec[u*2], v.vec[u*2+1]
		at := operand.Mem{Base: x, Disp: u * v.bytes()}
		v.load(a, at, p, masked)
		at.Base = y
		v.load(a, at, q, masked)
		a.emit(op(q, p, p))
		at.Base = dst
		v.store(a, p, at, masked)
	})
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// raise writes x = max(x, least).
func raise(a *assembler, v set) {
	name := "raise" + v.name
	a.text(name, "func(x *float32, n int, least float32)", name+" stores the larger of x and least in x.")
	x, n := a.load("x"), a.load("n")
	least := v.vec[0]
	a.emit(x86.VBROADCASTSS(a.arg("least"), least))
	loops(a, v, n, []reg.GPVirtual{x}, func(u int, masked bool) {
		y := v.vec[1+u]
		at := operand.Mem{Base: x, Disp: u * v.bytes()}
		v.load(a, at, y, masked)
		a.emit(x86.VMAXPS(least, y, y))
		v.store(a, y, at, masked)
	})
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}
