//go:build gen

package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/x86"
)

// fromHalf and toHalf write the conversions from and to binary16, a whole number
// of vectors. Every processor with AVX2 has the instructions for them.
func fromHalf(a *assembler, v set) {
	name := "fromHalf" + v.name
	a.text(name, "func(dst *float32, src *uint16, vectors int)", name+" widens whole vectors.")
	dst, src, vectors := a.load("dst"), a.load("src"), a.load("vectors")
	a.label("loop")
	a.emit(x86.VCVTPH2PS(operand.Mem{Base: src}, v.vec[0]))
	a.emit(x86.VMOVUPS(v.vec[0], operand.Mem{Base: dst}))
	a.emit(x86.ADDQ(operand.U8(v.bytes()/2), src))
	a.emit(x86.ADDQ(operand.U8(v.bytes()), dst))
	a.emit(x86.DECQ(vectors))
	a.emit(x86.JNE(operand.LabelRef("loop")))
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

func toHalf(a *assembler, v set) {
	name := "toHalf" + v.name
	a.text(name, "func(dst *uint16, src *float32, vectors int)", name+" narrows whole vectors.")
	dst, src, vectors := a.load("dst"), a.load("src"), a.load("vectors")
	a.label("loop")
	a.emit(x86.VMOVUPS(operand.Mem{Base: src}, v.vec[0]))
	a.emit(x86.VCVTPS2PH(operand.U8(0), v.vec[0], operand.Mem{Base: dst})) // to nearest, ties to even
	a.emit(x86.ADDQ(operand.U8(v.bytes()), src))
	a.emit(x86.ADDQ(operand.U8(v.bytes()/2), dst))
	a.emit(x86.DECQ(vectors))
	a.emit(x86.JNE(operand.LabelRef("loop")))
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// toBrain writes the conversion of finite numbers to bfloat16, a whole number of vectors.
func toBrain(a *assembler, v set) {
	name := "toBrain" + v.name
	a.text(name, "func(dst *uint16, src *float32, vectors int)", name+" rounds whole vectors to bfloat16, ties to even.")
	dst, src, vectors := a.load("dst"), a.load("src"), a.load("vectors")
	x, odd, one, half := v.vec[0], v.vec[1], v.vec[2], v.vec[3]
	ones, halves := make([]uint32, 16), make([]uint32, 16)
	for i := range ones {
		ones[i], halves[i] = 1, 0x7fff
	}
	a.emit(x86.VMOVUPS(a.table("brainOne", ones), one))
	a.emit(x86.VMOVUPS(a.table("brainHalf", halves), half))
	a.label("loop")
	a.emit(x86.VMOVUPS(operand.Mem{Base: src}, x))
	a.emit(x86.VPSRLD(operand.U8(16), x, odd))
	a.emit(x86.VPANDD(one, odd, odd))
	a.emit(x86.VPADDD(half, x, x))
	a.emit(x86.VPADDD(odd, x, x))
	a.emit(x86.VPSRLD(operand.U8(16), x, x))
	a.emit(x86.VPMOVDW(x, operand.Mem{Base: dst}))
	a.emit(x86.ADDQ(operand.U8(v.bytes()), src))
	a.emit(x86.ADDQ(operand.U8(v.bytes()/2), dst))
	a.emit(x86.DECQ(vectors))
	a.emit(x86.JNE(operand.LabelRef("loop")))
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}
