//go:build gen

package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// pairs writes the passage over n outputs, each of two neighbours in rows twice
// as long: body gets functions that load, and store, the two vectors of such a
// row, and whether the outputs are a tail, under the mask.
func pairs(a *assembler, v set, n reg.GPVirtual, rows, outputs []reg.GPVirtual,
	body func(access func(store bool, row reg.GPVirtual, x [2]reg.Register), masked bool)) {
	whole := func(store bool, row reg.GPVirtual, x [2]reg.Register) {
		for i, r := range x {
			at := operand.Mem{Base: row, Disp: i * v.bytes()}
			if store {
				v.store(a, r, at, false)
			} else {
				v.load(a, at, r, false)
			}
		}
	}
	a.emit(x86.SUBQ(operand.U32(v.lanes), n))
	a.emit(x86.JLT(operand.LabelRef("tail")))
	a.label("vector")
	body(whole, false)
	for _, p := range rows {
		a.emit(x86.ADDQ(operand.U32(2*v.bytes()), p))
	}
	for _, p := range outputs {
		a.emit(x86.ADDQ(operand.U32(v.bytes()), p))
	}
	a.emit(x86.SUBQ(operand.U32(v.lanes), n))
	a.emit(x86.JGE(operand.LabelRef("vector")))
	a.label("tail")
	a.emit(x86.ADDQ(operand.U32(v.lanes), n))
	a.emit(x86.JE(operand.LabelRef("done")))
	// 2n inputs: up to a vector in the first, the rest in the second.
	first, second, none := a.regs.GP64(), a.regs.GP64(), a.regs.GP64()
	a.emit(x86.LEAQ(operand.Mem{Base: n, Index: n, Scale: 1}, first))
	a.emit(x86.MOVQ(first, second))
	a.emit(x86.XORQ(none, none))
	a.emit(x86.SUBQ(operand.U32(v.lanes), second))
	a.emit(x86.CMOVQLT(none, second))
	a.emit(x86.SUBQ(second, first))
	body(func(store bool, row reg.GPVirtual, x [2]reg.Register) {
		for i, count := range []reg.GPVirtual{first, second} {
			v.setMask(a, count)
			at := operand.Mem{Base: row, Disp: i * v.bytes()}
			if store {
				v.maskedStore(a, x[i], at)
			} else {
				v.maskedLoad(a, at, x[i])
			}
		}
		v.setMask(a, n)
	}, true)
	a.label("done")
}

// pool writes the maxima of 2×2 squares.
func pool(a *assembler, v set) {
	name := "pool" + v.name
	a.text(name, "func(dst, top, bottom *float32, n int)", name+" stores the largest of each square of two rows.")
	dst, top, bottom, n := a.load("dst"), a.load("top"), a.load("bottom"), a.load("n")
	t, b := [2]reg.Register{v.vec[0], v.vec[1]}, [2]reg.Register{v.vec[2], v.vec[3]}
	even, odd := v.vec[4], v.vec[5]
	if v.wide() {
		evens, odds := make([]uint32, 16), make([]uint32, 16)
		for i := range evens {
			evens[i], odds[i] = uint32(2*i), uint32(2*i+1)
		}
		a.emit(x86.VMOVUPS(a.table("evens", evens), v.vec[6]))
		a.emit(x86.VMOVUPS(a.table("odds", odds), v.vec[7]))
	}
	pairs(a, v, n, []reg.GPVirtual{top, bottom}, []reg.GPVirtual{dst}, func(access func(bool, reg.GPVirtual, [2]reg.Register), masked bool) {
		access(false, top, t)
		access(false, bottom, b)
		for i := range t {
			a.emit(x86.VMAXPS(b[i], t[i], t[i]))
		}
		if v.wide() {
			a.emit(x86.VMOVAPS(t[0], even))
			a.emit(x86.VPERMT2PS(t[1], v.vec[6], even))
			a.emit(x86.VPERMT2PS(t[1], v.vec[7], t[0]))
			a.emit(x86.VMAXPS(t[0], even, even))
		} else {
			a.emit(x86.VSHUFPS(operand.U8(0b10_00_10_00), t[1], t[0], even))
			a.emit(x86.VSHUFPS(operand.U8(0b11_01_11_01), t[1], t[0], odd))
			a.emit(x86.VMAXPS(odd, even, even))
			a.emit(x86.VPERMPD(operand.U8(0b11_01_10_00), even, even))
		}
		v.store(a, even, operand.Mem{Base: dst}, masked)
	})
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// unpool writes the gradient of pool: to the first of each square, by rows, that
// is its maximum.
func unpool(a *assembler, v set) {
	name := "unpool" + v.name
	a.text(name, "func(dTop, dBottom, grad, y, top, bottom *float32, n int)",
		name+" stores grad at the first of each square of two rows that is y, and else 0.")
	dTop, dBottom, grad, y := a.load("dTop"), a.load("dBottom"), a.load("grad"), a.load("y")
	top, bottom, n := a.load("top"), a.load("bottom"), a.load("n")
	t, b := [2]reg.Register{v.vec[0], v.vec[1]}, [2]reg.Register{v.vec[2], v.vec[3]}
	g, most := v.vec[4], v.vec[5]
	twice := [2]reg.Register{v.vec[6], v.vec[7]}
	for half, name := range []string{"twiceLow", "twiceHigh"} {
		places := make([]uint32, v.lanes)
		for i := range places {
			places[i] = uint32(half*v.lanes/2 + i/2)
		}
		a.emit(x86.VMOVUPS(a.table(name+v.name, places), twice[half]))
	}
	pairs(a, v, n, []reg.GPVirtual{dTop, dBottom, top, bottom}, []reg.GPVirtual{grad, y}, func(access func(bool, reg.GPVirtual, [2]reg.Register), masked bool) {
		access(false, top, t)
		access(false, bottom, b)
		v.load(a, operand.Mem{Base: grad}, g, masked)
		v.load(a, operand.Mem{Base: y}, most, masked)
		for i := range t {
			gs, ms := v.vec[8], v.vec[9]
			a.emit(x86.VPERMPS(g, twice[i], gs))
			a.emit(x86.VPERMPS(most, twice[i], ms))
			if v.wide() {
				firstOfSquare(a, t[i], b[i], gs, ms)
			} else {
				v.firstOfSquare(a, t[i], b[i], gs, ms)
			}
		}
		access(true, dTop, t)
		access(true, dBottom, b)
	})
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// firstOfSquare replaces top and bottom, rows of squares, by the gradient: the
// masks of comparisons are numbers, a bit for each element.
func firstOfSquare(a *assembler, top, bottom, grad, most reg.Register) {
	above, below, left := a.regs.GP32(), a.regs.GP32(), a.regs.GP32()
	equal := operand.U8(0)
	a.emit(x86.VCMPPS(equal, most, top, reg.K2))
	a.emit(x86.KMOVW(reg.K2, above))
	a.emit(x86.VCMPPS(equal, most, bottom, reg.K2))
	a.emit(x86.KMOVW(reg.K2, below))
	drop := func(from, which reg.GPVirtual) { // bits of from that which has
		a.emit(x86.NOTL(which))
		a.emit(x86.ANDL(which, from))
	}
	// Left goes before right.
	for _, row := range []reg.GPVirtual{above, below} {
		a.emit(x86.MOVL(row, left))
		a.emit(x86.ANDL(operand.U32(0x5555), left))
		a.emit(x86.SHLL(operand.U8(1), left))
		drop(row, left)
	}
	// Above goes before below: at most one bit of each two is left above.
	both, other := a.regs.GP32(), a.regs.GP32()
	a.emit(x86.MOVL(above, both))
	a.emit(x86.ANDL(operand.U32(0x5555), both))
	a.emit(x86.SHLL(operand.U8(1), both))
	a.emit(x86.MOVL(above, other))
	a.emit(x86.ANDL(operand.U32(0xaaaa), other))
	a.emit(x86.SHRL(operand.U8(1), other))
	a.emit(x86.ORL(other, both))
	a.emit(x86.ORL(above, both))
	drop(below, both)
	for i, x := range []reg.Register{top, bottom} {
		a.emit(x86.KMOVW([]reg.GPVirtual{above, below}[i], reg.K2))
		a.emit(x86.VMOVAPS_Z(grad, reg.K2, x))
	}
}

// firstOfSquare is the same with masks in vectors.
func (v set) firstOfSquare(a *assembler, top, bottom, grad, most reg.Register) {
	swapped, odd := v.vec[10], v.vec[11]
	const neighbours, equal = operand.U8(0b10_11_00_01), operand.U8(0)
	places := make([]uint32, 16)
	for i := range places {
		if i%2 == 1 {
			places[i] = 1<<32 - 1
		}
	}
	a.emit(x86.VMOVUPS(a.table("oddLanes", places), odd))
	for _, x := range []reg.Register{top, bottom} {
		a.emit(x86.VCMPPS(equal, most, x, x))
		a.emit(x86.VPERMILPS(neighbours, x, swapped))
		a.emit(x86.VANDPS(odd, swapped, swapped))
		a.emit(x86.VANDNPS(x, swapped, x)) // x and not swapped
	}
	a.emit(x86.VPERMILPS(neighbours, top, swapped))
	a.emit(x86.VORPS(top, swapped, swapped))
	a.emit(x86.VANDNPS(bottom, swapped, bottom))
	for _, x := range []reg.Register{top, bottom} {
		a.emit(x86.VANDPS(grad, x, x))
	}
}
