//go:build gen

package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// adam writes a step of Adam; rates points to the fields of Adam, in order.
func adam(a *assembler, v set) {
	name := "adam" + v.name
	a.text(name, "func(value, grad, first, second *float32, n int, rates *float32)", name+" takes a step of Adam.")
	names := []string{"value", "grad", "first", "second"}
	at := make([]reg.GPVirtual, len(names))
	for i, n := range names {
		at[i] = a.load(n)
	}
	n, rates := a.load("n"), a.load("rates")
	rate := v.vec[:8]
	for i, r := range rate {
		a.emit(x86.VBROADCASTSS(operand.Mem{Base: rates, Disp: 4 * i}, r))
	}
	beta1, rest1, beta2, rest2, step, scale, epsilon, decay := rate[0], rate[1], rate[2], rate[3], rate[4], rate[5], rate[6], rate[7]
	value, grad, first, second := v.vec[8], v.vec[9], v.vec[10], v.vec[11]
	loops(a, v, n, at, func(u int, masked bool) {
		place := func(i int) operand.Mem { return operand.Mem{Base: at[i], Disp: u * v.bytes()} }
		for i, x := range []reg.Register{value, grad, first, second} {
			v.load(a, place(i), x, masked)
		}
		a.emit(x86.VFMADD231PS(decay, value, grad))
		a.emit(x86.VMULPS(beta1, first, first))
		a.emit(x86.VFMADD231PS(rest1, grad, first))
		a.emit(x86.VMULPS(beta2, second, second))
		a.emit(x86.VMULPS(grad, grad, grad))
		a.emit(x86.VFMADD231PS(rest2, grad, second))
		v.store(a, first, place(2), masked)
		v.store(a, second, place(3), masked)
		a.emit(x86.VSQRTPS(second, second))
		a.emit(x86.VFMADD213PS(epsilon, scale, second)) // √second·scale + epsilon
		a.emit(x86.VMULPS(step, first, first))
		a.emit(x86.VDIVPS(second, first, first))
		a.emit(x86.VSUBPS(first, value, value))
		v.store(a, value, place(0), masked)
	})
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}
