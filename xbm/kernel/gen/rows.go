//go:build gen

package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// finishRows writes x = max(x + bias, floor) for rows of x, with add x + other + bias.
func finishRows(a *assembler, v set, add bool) {
	name, doc := "finishRows"+v.name, " adds bias to rows and lifts them to floor."
	signature := "func(x *float32, step int, bias *float32, floor float32, rows, n int)"
	if add {
		name, doc = "finishSums"+v.name, " adds other rows and bias to rows and lifts them to floor."
		signature = "func(x *float32, step int, other *float32, otherStep int, bias *float32, floor float32, rows, n int)"
	}
	a.text(name, signature, name+doc)
	x, n := a.load("x"), a.load("n")
	bias := a.load("bias")
	pointers := []reg.GPVirtual{x, bias}
	steps := []string{"step"}
	var other reg.GPVirtual
	if add {
		other = a.load("other")
		pointers, steps = append(pointers, other), append(steps, "otherStep")
	}
	onward(a, v, n, steps...)
	floor := v.vec[0]
	a.emit(x86.VBROADCASTSS(a.arg("floor"), floor))
	a.label("row")
	a.emit(x86.MOVQ(a.arg("n"), n))
	a.emit(x86.MOVQ(a.arg("bias"), bias))
	loops(a, v, n, pointers, func(u int, masked bool) {
		y, z := v.vec[1+2*u], v.vec[2+2*u]
		at := operand.Mem{Base: x, Disp: u * v.bytes()}
		v.load(a, at, y, masked)
		for _, p := range pointers[1:] {
			from := operand.Mem{Base: p, Disp: u * v.bytes()}
			if masked {
				v.maskedLoad(a, from, z)
				a.emit(x86.VADDPS(z, y, y))
			} else {
				a.emit(x86.VADDPS(from, y, y))
			}
		}
		a.emit(x86.VMAXPS(y, floor, y)) // of NaN and a number the first operand here: NaN stays
		v.store(a, y, at, masked)
	})
	a.emit(x86.ADDQ(a.arg("step"), x))
	if add {
		a.emit(x86.ADDQ(a.arg("otherStep"), other))
	}
	a.emit(x86.DECQ(a.arg("rows")))
	a.emit(x86.JNE(operand.LabelRef("row")))
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}
