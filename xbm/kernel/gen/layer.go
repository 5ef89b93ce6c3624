//go:build gen

package main

import (
	"fmt"

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

// pairs are the pointers to four pixels of n channels: two side by side, and the two below.
func pairs(a *assembler, n reg.GPVirtual) (at func(k int) operand.Mem, moving []reg.GPVirtual) {
	top, bottom := a.load("top"), a.load("bottom")
	bytes := a.regs.GP64()
	a.emit(x86.MOVQ(n, bytes))
	a.emit(x86.SHLQ(operand.U8(2), bytes))
	return func(k int) operand.Mem {
		m := operand.Mem{Base: []reg.GPVirtual{top, bottom}[k/2]}
		if k%2 == 1 {
			m.Index, m.Scale = bytes, 1
		}
		return m
	}, []reg.GPVirtual{top, bottom}
}

// beatFour writes the largest of four pixels, and which it is.
func beatFour(a *assembler, v set) {
	name := "beatFour" + v.name
	a.text(name, "func(best *float32, winner *int32, top, bottom *float32, n int)",
		name+" stores the largest of four pixels, two at top and two at bottom, and which it is.")
	best, winner, n := a.load("best"), a.load("winner"), a.load("n")
	pixel, moving := pairs(a, n)
	numbers := v.vec[:4]
	v.zero(a, numbers[0])
	for k := 1; k < 4; k++ {
		a.emit(x86.VBROADCASTSS(a.words(fmt.Sprintf("number%d", k), uint32(k)), numbers[k]))
	}
	v.fullMask(a)
	rest(a, v, n, append(moving, best, winner), func(_ int, masked bool) {
		b, w, y, spare := v.vec[4], v.vec[5], v.vec[6], v.vec[7]
		v.load(a, pixel(0), b, masked)
		a.emit(x86.VMOVAPS(numbers[0], w))
		for k := 1; k < 4; k++ {
			v.load(a, pixel(k), y, masked)
			held := v.compare(a, greater, y, b, spare, masked)
			v.choose(a, held, y, b, b)
			v.choose(a, held, numbers[k], w, w)
		}
		v.store(a, b, operand.Mem{Base: best}, masked)
		v.store(a, w, operand.Mem{Base: winner}, masked)
	})
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// giveFour writes x to the one of four pixels that winner says, and zeros to the others.
func giveFour(a *assembler, v set) {
	name := "giveFour" + v.name
	a.text(name, "func(top, bottom, x *float32, winner *int32, n int)",
		name+" stores x in the one of four pixels that winner says, and zeros in the others.")
	x, winner, n := a.load("x"), a.load("winner"), a.load("n")
	pixel, moving := pairs(a, n)
	numbers := v.vec[:4]
	v.zero(a, numbers[0])
	for k := 1; k < 4; k++ {
		a.emit(x86.VBROADCASTSS(a.words(fmt.Sprintf("number%d", k), uint32(k)), numbers[k]))
	}
	rest(a, v, n, append(moving, x, winner), func(_ int, masked bool) {
		y, w, part := v.vec[4], v.vec[5], v.vec[6]
		v.load(a, operand.Mem{Base: x}, y, masked)
		v.load(a, operand.Mem{Base: winner}, w, masked)
		a.emit(x86.VADDPS(numbers[0], y, y)) // as to zeros: -0 becomes 0
		for k := range 4 {
			if v.wide() {
				a.emit(x86.VPCMPEQD(numbers[k], w, reg.K2))
				a.emit(x86.VMOVAPS_Z(y, reg.K2, part))
			} else {
				a.emit(x86.VPCMPEQD(numbers[k], w, part))
				a.emit(x86.VANDPS(y, part, part))
			}
			v.store(a, part, pixel(k), masked)
		}
	})
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}
