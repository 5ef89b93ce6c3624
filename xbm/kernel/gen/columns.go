//go:build gen

package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// adjust writes dst = x·factor + shift and returns Σdst².
func adjust(a *assembler, v set) {
	name := "adjust" + v.name
	a.text(name, "func(dst, x, factor, shift *float32, n int) float32", name+" stores x·factor + shift and returns the sum of its squares.")
	dst, x, factor, shift, n := a.load("dst"), a.load("x"), a.load("factor"), a.load("shift"), a.load("n")
	acc := chains(a, v)
	loops(a, v, n, []reg.GPVirtual{dst, x, factor, shift}, func(u int, masked bool) {
		free := v.vec[unroll+u%2*3:]
		y, f, s := free[0], free[1], free[2]
		at := operand.Mem{Base: x, Disp: u * v.bytes()}
		v.load(a, at, y, masked)
		at.Base = factor
		v.load(a, at, f, masked)
		at.Base = shift
		v.load(a, at, s, masked)
		a.emit(x86.VFMADD213PS(s, f, y))
		a.emit(x86.VFMADD231PS(y, y, acc[u]))
		at.Base = dst
		v.store(a, y, at, masked)
	})
	finish(a, v)
}
