//go:build gen

package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// chains clears unroll sums.
func chains(a *assembler, v set) []reg.Register {
	for _, r := range v.vec[:unroll] {
		v.zero(a, r)
	}
	return v.vec[:unroll]
}

// finish returns the sum of the chains.
func finish(a *assembler, v set) {
	v.reduce(a, x86.VADDPS)
	a.result(reg.X0)
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// sum writes the sum.
func sum(a *assembler, v set) {
	name := "sum" + v.name
	a.text(name, "func(x *float32, n int) float32", name+" returns the sum of n floats.")
	x, n := a.load("x"), a.load("n")
	acc := chains(a, v)
	loops(a, v, n, []reg.GPVirtual{x}, func(u int, masked bool) {
		at := operand.Mem{Base: x, Disp: u * v.bytes()}
		if masked {
			y := v.vec[unroll]
			v.maskedLoad(a, at, y)
			a.emit(x86.VADDPS(y, acc[u], acc[u]))
			return
		}
		a.emit(x86.VADDPS(at, acc[u], acc[u]))
	})
	finish(a, v)
}

// squaredDeviations writes Σ(x-mean)².
func squaredDeviations(a *assembler, v set) {
	name := "squaredDeviations" + v.name
	a.text(name, "func(x *float32, n int, mean float32) float32", name+" returns Σ(x-mean)² of n floats.")
	x, n := a.load("x"), a.load("n")
	acc, mean := chains(a, v), v.vec[unroll]
	a.emit(x86.VBROADCASTSS(a.arg("mean"), mean))
	loops(a, v, n, []reg.GPVirtual{x}, func(u int, masked bool) {
		y := v.vec[unroll+1+u]
		deviation(a, v, operand.Mem{Base: x, Disp: u * v.bytes()}, mean, y, masked)
		a.emit(x86.VFMADD231PS(y, y, acc[u]))
	})
	finish(a, v)
}

// deviation loads x-mean, 0 beyond a tail.
func deviation(a *assembler, v set, x operand.Mem, mean, dst reg.Register, masked bool) {
	v.load(a, x, dst, masked)
	switch {
	case !masked:
		a.emit(x86.VSUBPS(mean, dst, dst))
	case v.wide():
		a.emit(x86.VSUBPS_Z(mean, dst, v.mask, dst))
	default:
		a.emit(x86.VSUBPS(mean, dst, dst))
		a.emit(x86.VANDPS(v.mask, dst, dst))
	}
}

// affine writes dst = factor·(x-mean) + shift.
func affine(a *assembler, v set) {
	name := "affine" + v.name
	a.text(name, "func(dst, x *float32, n int, mean, factor, shift float32)", name+" stores factor·(x-mean) + shift.")
	dst, x, n := a.load("dst"), a.load("x"), a.load("n")
	for i, number := range []string{"mean", "factor", "shift"} {
		a.emit(x86.VBROADCASTSS(a.arg(number), v.vec[i]))
	}
	mean, factor, shift := v.vec[0], v.vec[1], v.vec[2]
	loops(a, v, n, []reg.GPVirtual{dst, x}, func(u int, masked bool) {
		y := v.vec[3+u]
		v.load(a, operand.Mem{Base: x, Disp: u * v.bytes()}, y, masked)
		a.emit(x86.VSUBPS(mean, y, y))
		a.emit(x86.VFMADD213PS(shift, factor, y))
		v.store(a, y, operand.Mem{Base: dst, Disp: u * v.bytes()}, masked)
	})
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// combine writes dst = a·x + b·(y-mean) + c.
func combine(a *assembler, v set) {
	name := "combine" + v.name
	a.text(name, "func(dst, x, y *float32, n int, a, b, mean, c float32)", name+" stores a·x + b·(y-mean) + c.")
	dst, x, y, n := a.load("dst"), a.load("x"), a.load("y"), a.load("n")
	for i, number := range []string{"a", "b", "mean", "c"} {
		a.emit(x86.VBROADCASTSS(a.arg(number), v.vec[i]))
	}
	loops(a, v, n, []reg.GPVirtual{dst, x, y}, func(u int, masked bool) {
		p, q := v.vec[4+2*u], v.vec[5+2*u]
		v.load(a, operand.Mem{Base: x, Disp: u * v.bytes()}, p, masked)
		v.load(a, operand.Mem{Base: y, Disp: u * v.bytes()}, q, masked)
		a.emit(x86.VSUBPS(v.vec[2], q, q))
		a.emit(x86.VFMADD213PS(v.vec[3], v.vec[1], q))
		a.emit(x86.VFMADD231PS(p, v.vec[0], q))
		v.store(a, q, operand.Mem{Base: dst, Disp: u * v.bytes()}, masked)
	})
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// rectify writes dst = max(x, 0).
func rectify(a *assembler, v set) {
	name := "rectify" + v.name
	a.text(name, "func(dst, x *float32, n int)", name+" stores max(x, 0).")
	dst, x, n := a.load("dst"), a.load("x"), a.load("n")
	zero := v.vec[0]
	v.zero(a, zero)
	loops(a, v, n, []reg.GPVirtual{dst, x}, func(u int, masked bool) {
		y := v.vec[1+u]
		v.load(a, operand.Mem{Base: x, Disp: u * v.bytes()}, y, masked)
		a.emit(x86.VMAXPS(y, zero, y)) // in this order NaN stays NaN
		v.store(a, y, operand.Mem{Base: dst, Disp: u * v.bytes()}, masked)
	})
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// rectified writes dst = g where y is above 0, else 0.
func rectified(a *assembler, v set) {
	name := "rectified" + v.name
	a.text(name, "func(dst, grad, y *float32, n int)", name+" stores grad where y is above 0, else 0.")
	dst, g, y, n := a.load("dst"), a.load("grad"), a.load("y"), a.load("n")
	zero := v.vec[0]
	v.zero(a, zero)
	v.fullMask(a)
	loops(a, v, n, []reg.GPVirtual{dst, g, y}, func(u int, masked bool) {
		p, q, spare := v.vec[1+3*u], v.vec[2+3*u], v.vec[3+3*u]
		v.load(a, operand.Mem{Base: y, Disp: u * v.bytes()}, p, masked)
		v.load(a, operand.Mem{Base: g, Disp: u * v.bytes()}, q, masked)
		held := v.compare(a, greater, p, zero, spare, masked)
		v.choose(a, held, q, zero, q)
		v.store(a, q, operand.Mem{Base: dst, Disp: u * v.bytes()}, masked)
	})
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// beat writes, where x is above best, best = x and winner = k.
func beat(a *assembler, v set) {
	name := "beat" + v.name
	a.text(name, "func(best *float32, winner *int32, x *float32, n int, k int32)", name+" stores x in best and k in winner where x is above best.")
	best, winner, x, n := a.load("best"), a.load("winner"), a.load("x"), a.load("n")
	number := v.vec[0]
	a.emit(x86.VBROADCASTSS(a.arg("k"), number))
	v.fullMask(a)
	loops(a, v, n, []reg.GPVirtual{best, winner, x}, func(u int, masked bool) {
		b, w, y, spare := v.vec[1], v.vec[2], v.vec[3], v.vec[4]
		at := func(p reg.Register) operand.Mem { return operand.Mem{Base: p, Disp: u * v.bytes()} }
		v.load(a, at(best), b, masked)
		v.load(a, at(winner), w, masked)
		v.load(a, at(x), y, masked)
		held := v.compare(a, greater, y, b, spare, masked)
		v.choose(a, held, y, b, b)
		v.choose(a, held, number, w, w)
		v.store(a, b, at(best), masked)
		v.store(a, w, at(winner), masked)
	})
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// addWhere writes dst += x where winner is k.
func addWhere(a *assembler, v set) {
	name := "addWhere" + v.name
	a.text(name, "func(dst, x *float32, winner *int32, n int, k int32)", name+" adds x to dst where winner is k.")
	dst, x, winner, n := a.load("dst"), a.load("x"), a.load("winner"), a.load("n")
	number := v.vec[0]
	a.emit(x86.VBROADCASTSS(a.arg("k"), number))
	loops(a, v, n, []reg.GPVirtual{dst, x, winner}, func(u int, masked bool) {
		sum, y, w := v.vec[1], v.vec[2], v.vec[3]
		at := func(p reg.Register) operand.Mem { return operand.Mem{Base: p, Disp: u * v.bytes()} }
		v.load(a, at(winner), w, masked)
		v.load(a, at(x), y, masked)
		v.load(a, at(dst), sum, masked)
		if v.wide() {
			a.emit(x86.VPCMPEQD(number, w, reg.K2))
			a.emit(x86.VADDPS(y, sum, reg.K2, sum))
		} else {
			a.emit(x86.VPCMPEQD(number, w, w))
			a.emit(x86.VANDPS(w, y, y))
			a.emit(x86.VADDPS(y, sum, sum))
		}
		v.store(a, sum, at(dst), masked)
	})
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}
