//go:build gen

package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// tile writes the product of a register tile of rows × width vectors. Each
// element is one chain of fused multiply-adds over k, whatever the tile, so
// that the bits do not depend on how a product is cut into tiles.
func tile(a *assembler, v set, rows, width int) {
	name := fmt.Sprintf("tile%s_%dx%d", v.name, rows, width)
	a.text(name, "func(a *float32, ars, acs int, b *float32, ldb int, c *float32, ldc, k, tail int, alpha, beta float32)",
		fmt.Sprintf("%s is the register tile of %d rows by %d vectors, tail floats in the last.", name, rows, width))

	acc := func(i, j int) reg.Register { return v.vec[i*width+j] }
	spare := v.vec[v.rows*2:] // two for b, the rest for a
	bs := spare[:2]
	as := spare[2:]
	if !v.wide() {
		as = as[:1] // the mask has the last
	}

	tail := a.load("tail")
	v.setMask(a, tail)
	ap := []reg.GPVirtual{a.load("a")}
	ars, acs := a.loadBytes("ars"), a.loadBytes("acs")
	for i := 3; i < rows; i += 3 {
		p := a.regs.GP64()
		a.emit(x86.LEAQ(operand.Mem{Base: ap[len(ap)-1], Index: ars, Scale: 2}, p))
		a.emit(x86.ADDQ(ars, p))
		ap = append(ap, p)
	}
	bp, ldb, k := a.load("b"), a.loadBytes("ldb"), a.load("k")
	for i := range rows * width {
		v.zero(a, v.vec[i])
	}

	a.label("loop")
	for j := range width - 1 {
		a.emit(x86.VMOVUPS(operand.Mem{Base: bp, Disp: j * v.bytes()}, bs[j]))
	}
	v.maskedLoad(a, operand.Mem{Base: bp, Disp: (width - 1) * v.bytes()}, bs[width-1])
	for i := range rows {
		x := as[i%len(as)]
		m := operand.Mem{Base: ap[i/3]}
		if i%3 > 0 {
			m.Index, m.Scale = ars, uint8(i%3)
		}
		a.emit(x86.VBROADCASTSS(m, x))
		for j := range width {
			a.emit(x86.VFMADD231PS(bs[j], x, acc(i, j)))
		}
	}
	for line := 0; line < width*v.bytes(); line += 64 {
		// Rows of b far apart are out of reach of the processor's own prefetching.
		a.emit(x86.PREFETCHT0(operand.Mem{Base: bp, Index: ldb, Scale: 8, Disp: line}))
	}
	for _, p := range ap {
		a.emit(x86.ADDQ(acs, p))
	}
	a.emit(x86.ADDQ(ldb, bp))
	a.emit(x86.DECQ(k))
	a.emit(x86.JNE(operand.LabelRef("loop")))

	alpha, beta, old := bs[0], bs[1], as[0]
	a.emit(x86.VBROADCASTSS(a.arg("alpha"), alpha))
	for i := range rows * width {
		a.emit(x86.VMULPS(alpha, v.vec[i], v.vec[i]))
	}
	ldc := a.loadBytes("ldc")
	bits := a.regs.GP32()
	a.emit(x86.MOVL(a.arg("beta"), bits))
	a.emit(x86.ADDL(bits, bits)) // drops the sign: ±0 leaves nothing
	a.emit(x86.JE(operand.LabelRef("store")))
	a.emit(x86.VBROADCASTSS(a.arg("beta"), beta))
	cp := a.load("c")
	for i := range rows {
		for j := range width - 1 {
			a.emit(x86.VFMADD231PS(operand.Mem{Base: cp, Disp: j * v.bytes()}, beta, acc(i, j)))
		}
		v.maskedLoad(a, operand.Mem{Base: cp, Disp: (width - 1) * v.bytes()}, old)
		a.emit(x86.VFMADD231PS(old, beta, acc(i, width-1)))
		if i < rows-1 {
			a.emit(x86.ADDQ(ldc, cp))
		}
	}

	a.label("store")
	dst := a.load("c")
	a.emit(x86.CMPQ(tail, operand.U8(v.lanes)))
	a.emit(x86.JNE(operand.LabelRef("incomplete")))
	// Masked stores are slow on some processors.
	for _, masked := range []bool{false, true} {
		if masked {
			a.label("incomplete")
		}
		for i := range rows {
			for j := range width {
				m := operand.Mem{Base: dst, Disp: j * v.bytes()}
				if masked && j == width-1 {
					v.maskedStore(a, acc(i, j), m)
				} else {
					a.emit(x86.VMOVUPS(acc(i, j), m))
				}
			}
			if i < rows-1 {
				a.emit(x86.ADDQ(ldc, dst))
			}
		}
		a.emit(x86.VZEROUPPER())
		a.emit(x86.RET())
	}
}
