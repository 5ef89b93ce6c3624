//go:build gen

package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// transpose writes the copying of as many rows as there are lanes to columns,
// four elements of each at a time: the memory operand of an insertion brings
// row r + 4g to group g of vector r, then each group is a 4×4 transposition.
func transpose(a *assembler, v set) {
	name := "transpose" + v.name
	a.text(name, "func(dst *float32, ld int, src *float32, stride, quads int)",
		fmt.Sprintf("%s stores %d rows of 4·quads floats as columns.", name, v.lanes))
	groups := v.lanes / 4
	dst, ld, quads := a.load("dst"), a.loadBytes("ld"), a.load("quads")
	src, stride := []reg.GPVirtual{a.load("src")}, a.loadBytes("stride")
	for range groups - 1 {
		p := a.regs.GP64()
		a.emit(x86.LEAQ(operand.Mem{Base: src[len(src)-1], Index: stride, Scale: 4}, p))
		src = append(src, p)
	}
	stride3, ld3 := a.regs.GP64(), a.regs.GP64()
	a.emit(x86.LEAQ(operand.Mem{Base: stride, Index: stride, Scale: 2}, stride3))
	a.emit(x86.LEAQ(operand.Mem{Base: ld, Index: ld, Scale: 2}, ld3))
	at := func(base, step, step3 reg.GPVirtual, r int) operand.Mem {
		m := operand.Mem{Base: base}
		switch r {
		case 1, 2:
			m.Index, m.Scale = step, uint8(r)
		case 3:
			m.Index, m.Scale = step3, 1
		}
		return m
	}
	x, t, first := v.vec[:4], v.vec[4:8], []reg.Register{reg.X0, reg.X1, reg.X2, reg.X3}

	a.label("loop")
	for r := range 4 {
		a.emit(x86.VMOVUPS(at(src[0], stride, stride3, r), first[r]))
		for g := 1; g < groups; g++ {
			m := at(src[g], stride, stride3, r)
			if v.wide() {
				a.emit(x86.VINSERTF32X4(operand.U8(g), m, x[r], x[r]))
			} else {
				a.emit(x86.VINSERTF128(operand.U8(g), m, x[r], x[r]))
			}
		}
	}
	a.emit(x86.VUNPCKLPS(x[1], x[0], t[0]))
	a.emit(x86.VUNPCKHPS(x[1], x[0], t[1]))
	a.emit(x86.VUNPCKLPS(x[3], x[2], t[2]))
	a.emit(x86.VUNPCKHPS(x[3], x[2], t[3]))
	a.emit(x86.VUNPCKLPD(t[2], t[0], x[0]))
	a.emit(x86.VUNPCKHPD(t[2], t[0], x[1]))
	a.emit(x86.VUNPCKLPD(t[3], t[1], x[2]))
	a.emit(x86.VUNPCKHPD(t[3], t[1], x[3]))
	for r := range 4 {
		a.emit(x86.VMOVUPS(x[r], at(dst, ld, ld3, r)))
	}
	for _, p := range src {
		a.emit(x86.ADDQ(operand.U8(16), p))
	}
	a.emit(x86.LEAQ(operand.Mem{Base: dst, Index: ld, Scale: 4}, dst))
	a.emit(x86.DECQ(quads))
	a.emit(x86.JNE(operand.LabelRef("loop")))
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}
