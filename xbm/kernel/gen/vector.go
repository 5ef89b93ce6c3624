//go:build gen

package main

import (
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// unroll is how many vectors the main loops take at once: enough chains of
// additions to hide their latency.
const unroll = 4

// loops writes the passage over n floats: unroll vectors at a time, then one,
// then the rest under the mask. body gets the number of the vector in its group;
// the pointers move on behind it.
func loops(a *assembler, v set, n reg.GPVirtual, pointers []reg.GPVirtual, body func(u int, masked bool)) {
	whole(a, v, n, "many", unroll, pointers, body)
	rest(a, v, n, pointers, body)
}

// whole writes the passage over groups of vectors, as long as n lasts.
func whole(a *assembler, v set, n reg.GPVirtual, name string, group int, pointers []reg.GPVirtual, body func(u int, masked bool)) {
	a.emit(x86.SUBQ(operand.U32(group*v.lanes), n))
	a.emit(x86.JLT(operand.LabelRef(name + "End")))
	a.label(name)
	for u := range group {
		body(u, false)
	}
	for _, p := range pointers {
		a.emit(x86.ADDQ(operand.U32(group*v.bytes()), p))
	}
	a.emit(x86.SUBQ(operand.U32(group*v.lanes), n))
	a.emit(x86.JGE(operand.LabelRef(name)))
	a.label(name + "End")
	a.emit(x86.ADDQ(operand.U32(group*v.lanes), n))
}

// rest writes the passage over single vectors and the last, incomplete one.
func rest(a *assembler, v set, n reg.GPVirtual, pointers []reg.GPVirtual, body func(u int, masked bool)) {
	whole(a, v, n, "one", 1, pointers, body)
	a.emit(x86.JE(operand.LabelRef("done")))
	v.setMask(a, n)
	body(0, true)
	a.label("done")
}

// onward turns arguments, floats from one row of n floats to the next, into the bytes from
// where rest leaves a row's pointer, behind the last whole vector, to the next row.
func onward(a *assembler, v set, n reg.GPVirtual, steps ...string) {
	for _, step := range steps {
		floats := a.regs.GP64()
		a.emit(x86.MOVQ(n, floats))
		a.emit(x86.ANDQ(operand.I8(-v.lanes), floats))
		a.emit(x86.SUBQ(floats, a.arg(step)))
		a.emit(x86.SHLQ(operand.U8(2), a.arg(step)))
	}
}

// reduce folds the first unroll vectors, which it disorders, to one number in
// the lowest lane of the first.
func (v set) reduce(a *assembler, fold func(...operand.Op) (*ir.Instruction, error)) {
	a.emit(fold(v.vec[1], v.vec[0], v.vec[0]))
	a.emit(fold(v.vec[3], v.vec[2], v.vec[2]))
	a.emit(fold(v.vec[2], v.vec[0], v.vec[0]))
	if v.wide() {
		a.emit(x86.VEXTRACTF64X4(operand.U8(1), reg.Z0, reg.Y1))
		a.emit(fold(reg.Y1, reg.Y0, reg.Y0))
	}
	a.emit(x86.VEXTRACTF128(operand.U8(1), reg.Y0, reg.X1))
	a.emit(fold(reg.X1, reg.X0, reg.X0))
	a.emit(x86.VPERMILPS(operand.U8(0b1011_0001), reg.X0, reg.X1)) // neighbours
	a.emit(fold(reg.X1, reg.X0, reg.X0))
	a.emit(x86.VPERMILPS(operand.U8(0b0100_1110), reg.X0, reg.X1)) // halves
	a.emit(fold(reg.X1, reg.X0, reg.X0))
}

// dot writes the inner product.
func dot(a *assembler, v set) {
	name := "dot" + v.name
	a.text(name, "func(a, b *float32, n int) float32", name+" returns the inner product of n floats.")
	pa, pb, n := a.load("a"), a.load("b"), a.load("n")
	acc, x, y := v.vec[:unroll], v.vec[unroll:2*unroll], v.vec[2*unroll]
	for _, r := range acc {
		v.zero(a, r)
	}
	loops(a, v, n, []reg.GPVirtual{pa, pb}, func(u int, masked bool) {
		ma := operand.Mem{Base: pa, Disp: u * v.bytes()}
		mb := operand.Mem{Base: pb, Disp: u * v.bytes()}
		if masked {
			v.maskedLoad(a, ma, x[u])
			v.maskedLoad(a, mb, y)
			a.emit(x86.VFMADD231PS(y, x[u], acc[u]))
			return
		}
		a.emit(x86.VMOVUPS(ma, x[u]))
		a.emit(x86.VFMADD231PS(mb, x[u], acc[u]))
	})
	v.reduce(a, x86.VADDPS)
	a.result(reg.X0)
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// scale writes dst = alpha·x, or with add dst += alpha·x.
func scale(a *assembler, v set, add bool) {
	name, doc := "scale"+v.name, " stores alpha·x."
	if add {
		name, doc = "axpy"+v.name, " adds alpha·x to dst."
	}
	a.text(name, "func(dst *float32, alpha float32, x *float32, n int)", name+doc)
	dst, x, n := a.load("dst"), a.load("x"), a.load("n")
	alpha, xs, ys := v.vec[0], v.vec[1:5], v.vec[5:9]
	a.emit(x86.VBROADCASTSS(a.arg("alpha"), alpha))
	loops(a, v, n, []reg.GPVirtual{dst, x}, func(u int, masked bool) {
		mx := operand.Mem{Base: x, Disp: u * v.bytes()}
		md := operand.Mem{Base: dst, Disp: u * v.bytes()}
		load := func(m operand.Mem, r reg.Register) {
			if masked {
				v.maskedLoad(a, m, r)
			} else {
				a.emit(x86.VMOVUPS(m, r))
			}
		}
		load(mx, xs[u])
		sum := xs[u]
		if add {
			sum = ys[u]
			load(md, sum)
			a.emit(x86.VFMADD231PS(xs[u], alpha, sum))
		} else {
			a.emit(x86.VMULPS(xs[u], alpha, sum))
		}
		if masked {
			v.maskedStore(a, sum, md)
		} else {
			a.emit(x86.VMOVUPS(sum, md))
		}
	})
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// squaredDistance writes Σ(x-y)² in float64. n is a multiple of twice as many
// float64 as fit in a vector, and above 0.
func squaredDistance(a *assembler, v set) {
	name := "squaredDistance" + v.name
	a.text(name, "func(x, y *float32, n int) float64", name+" returns Σ(x-y)² of n floats, a multiple of 16, above 0.")
	x, y, n := a.load("x"), a.load("y"), a.load("n")
	lanes := v.lanes / 2
	chains := 16 / lanes
	for u := range chains {
		v.zero(a, v.vec[u])
	}
	a.label("loop")
	for u := range chains {
		p, q := v.vec[chains+2*u], v.vec[chains+2*u+1]
		a.emit(x86.VCVTPS2PD(operand.Mem{Base: x, Disp: u * lanes * 4}, p))
		a.emit(x86.VCVTPS2PD(operand.Mem{Base: y, Disp: u * lanes * 4}, q))
		a.emit(x86.VSUBPD(q, p, p))
		a.emit(x86.VFMADD231PD(p, p, v.vec[u]))
	}
	a.emit(x86.ADDQ(operand.U8(64), x))
	a.emit(x86.ADDQ(operand.U8(64), y))
	a.emit(x86.SUBQ(operand.U8(16), n))
	a.emit(x86.JNE(operand.LabelRef("loop")))
	for half := chains / 2; half > 0; half /= 2 {
		for u := range half {
			a.emit(x86.VADDPD(v.vec[u+half], v.vec[u], v.vec[u]))
		}
	}
	if v.wide() {
		a.emit(x86.VEXTRACTF64X4(operand.U8(1), reg.Z0, reg.Y1))
		a.emit(x86.VADDPD(reg.Y1, reg.Y0, reg.Y0))
	}
	a.emit(x86.VEXTRACTF128(operand.U8(1), reg.Y0, reg.X1))
	a.emit(x86.VADDPD(reg.X1, reg.X0, reg.X0))
	a.emit(x86.VHADDPD(reg.X0, reg.X0, reg.X0))
	b, err := a.fn.Signature.Results().At(0).Resolve()
	check(err)
	a.emit(x86.VMOVSD(reg.X0, b.Addr))
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}
