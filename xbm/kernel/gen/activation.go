//go:build gen

package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// gelu writes dst = x·Φ(x) = max(x, 0) - |x|·Φ(-|x|), where Φ(-|x|) is ½·P(t)·e^(-x²/2)
// with t = 1/(1+q·|x|), by Abramowitz and Stegun's 7.1.26, of the error function at
// |x|/√2.
func gelu(a *assembler, v set) {
	name := "gelu" + v.name
	a.text(name, "func(dst, x *float32, n int)", name+" stores x·Φ(x).")
	dst, x, n := a.load("dst"), a.load("x"), a.load("n")
	number := func(x float64) operand.Mem { return a.constant(constantName(x), x) }
	constants := expConstants()
	term := func(name string) operand.Op { return a.constant(name, constants[name]) }
	loops(a, v, n, []reg.GPVirtual{dst, x}, func(u int, masked bool) {
		r := v.vec[u%2*7:]
		y, size, t, p, square, whole, e := r[0], r[1], r[2], r[3], r[4], r[5], r[6]
		at := operand.Mem{Base: x, Disp: u * v.bytes()}
		v.load(a, at, y, masked)
		v.zero(a, t)
		a.emit(x86.VSUBPS(y, t, size))
		a.emit(x86.VMAXPS(y, size, size)) // NaN stays
		// t = 1/(1+q·|x|) and its polynomial
		a.emit(x86.VMULPS(number(0.3275911/math.Sqrt2), size, p))
		a.emit(x86.VADDPS(number(1), p, p))
		a.emit(x86.VMOVUPS(number(1), t))
		a.emit(x86.VDIVPS(p, t, t))
		a.emit(x86.VMOVUPS(number(1.061405429/2), p))
		for _, c := range []float64{-1.453152027, 1.421413741, -0.284496736, 0.254829592, 0} {
			if c == 0 {
				a.emit(x86.VMULPS(t, p, p))
				continue
			}
			a.emit(x86.VFMADD213PS(number(c/2), t, p))
		}
		// e^(-x²/2)
		a.emit(x86.VMULPS(y, y, square))
		a.emit(x86.VMULPS(number(-0.5), square, square))
		a.emit(x86.VMAXPS(number(-87), square, square))
		exponential(a, v, term, square, whole, e)
		raised(a, whole, e)
		a.emit(x86.VMULPS(p, e, e))
		v.zero(a, t)
		a.emit(x86.VMAXPS(y, t, t)) // NaN stays
		a.emit(x86.VFNMADD231PS(e, size, t))
		at.Base = dst
		v.store(a, t, at, masked)
	})
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// hard writes dst = min(max(x+3, 0), 6)/6, times x with swish.
func hard(a *assembler, v set, swish bool) {
	name, doc := "hardSigmoid"+v.name, " stores (x+3)/6 within 0 and 1."
	if swish {
		name, doc = "hardSwish"+v.name, " stores x·(x+3)/6, the second factor within 0 and 1."
	}
	a.text(name, "func(dst, x *float32, n int)", name+doc)
	dst, x, n := a.load("dst"), a.load("x"), a.load("n")
	zero, three, six, sixth := v.vec[0], v.vec[1], v.vec[2], v.vec[3]
	v.zero(a, zero)
	a.emit(x86.VMOVUPS(a.constant(constantName(3), 3), three))
	a.emit(x86.VMOVUPS(a.constant(constantName(6), 6), six))
	a.emit(x86.VMOVUPS(a.constant(constantName(1./6), 1./6), sixth))
	loops(a, v, n, []reg.GPVirtual{dst, x}, func(u int, masked bool) {
		y, s := v.vec[4+2*u], v.vec[5+2*u]
		at := operand.Mem{Base: x, Disp: u * v.bytes()}
		v.load(a, at, y, masked)
		a.emit(x86.VADDPS(three, y, s))
		a.emit(x86.VMAXPS(s, zero, s))
		a.emit(x86.VMINPS(s, six, s))
		a.emit(x86.VMULPS(sixth, s, s))
		if swish {
			a.emit(x86.VMULPS(y, s, s))
		}
		at.Base = dst
		v.store(a, s, at, masked)
	})
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// depthwise writes, for count pixels, Σ x·w over the rows and columns of a filter,
// channel by channel: w has n numbers for each element of the filter, and wSkip bytes
// after each of its rows.
func depthwise(a *assembler, v set) {
	name := "depthwise" + v.name
	a.text(name, "func(dst *float32, dstStep int, x *float32, xStep, xRow, xCol int, w *float32, wSkip, rows, cols, n, count int)",
		fmt.Sprintf("%s stores the sums over filters of rows × cols, of n channels, for count pixels.", name))
	dst, x, w, n := a.load("dst"), a.load("x"), a.load("w"), a.load("n")
	row, col, each := a.loadBytes("xRow"), a.loadBytes("xCol"), a.loadBytes("n")
	a.emit(x86.IMULQ(a.arg("cols"), col)) // back to the first column, after a row
	a.emit(x86.SUBQ(col, row))
	a.emit(x86.MOVQ(a.arg("xCol"), col))
	a.emit(x86.SHLQ(operand.U8(2), col))
	onward(a, v, n, "dstStep", "xStep")
	px, pw, ky, kx := a.regs.GP64(), a.regs.GP64(), a.regs.GP64(), a.regs.GP64()
	a.label("pixel")
	a.emit(x86.MOVQ(a.arg("n"), n))
	a.emit(x86.MOVQ(a.arg("w"), w))
	part := 0
	rest(a, v, n, []reg.GPVirtual{dst, x, w}, func(_ int, masked bool) {
		part++
		rows, columns := fmt.Sprintf("row%d", part), fmt.Sprintf("column%d", part)
		sum, y, z := v.vec[0], v.vec[1], v.vec[2]
		v.zero(a, sum)
		a.emit(x86.MOVQ(x, px))
		a.emit(x86.MOVQ(w, pw))
		a.emit(x86.MOVQ(a.arg("rows"), ky))
		a.label(rows)
		a.emit(x86.MOVQ(a.arg("cols"), kx))
		a.label(columns)
		v.load(a, operand.Mem{Base: px}, y, masked)
		if masked {
			v.load(a, operand.Mem{Base: pw}, z, true)
			a.emit(x86.VFMADD231PS(z, y, sum))
		} else {
			a.emit(x86.VFMADD231PS(operand.Mem{Base: pw}, y, sum))
		}
		a.emit(x86.ADDQ(col, px))
		a.emit(x86.ADDQ(each, pw))
		a.emit(x86.DECQ(kx))
		a.emit(x86.JNE(operand.LabelRef(columns)))
		a.emit(x86.ADDQ(row, px))
		a.emit(x86.ADDQ(a.arg("wSkip"), pw))
		a.emit(x86.DECQ(ky))
		a.emit(x86.JNE(operand.LabelRef(rows)))
		v.store(a, sum, operand.Mem{Base: dst}, masked)
	})
	a.emit(x86.ADDQ(a.arg("dstStep"), dst))
	a.emit(x86.ADDQ(a.arg("xStep"), x))
	a.emit(x86.DECQ(a.arg("count")))
	a.emit(x86.JNE(operand.LabelRef("pixel")))
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// together is how many pixels depthwiseTogether takes at a time.
const together = 4

// depthwiseTogether writes depthwise for groups of pixels that share the loads of w.
func depthwiseTogether(a *assembler, v set) {
	name := "depthwiseTogether" + v.name
	a.text(name, "func(dst *float32, dstStep int, x *float32, xStep, xRow, xCol int, w *float32, wSkip, rows, cols, n, groups, dstNext, xNext int)",
		fmt.Sprintf("%s stores the sums over filters of rows × cols, of n channels, for groups of %d pixels.", name, together))
	dst, x, w, n := a.load("dst"), a.load("x"), a.load("w"), a.load("n")
	row, col, each := a.loadBytes("xRow"), a.loadBytes("xCol"), a.loadBytes("n")
	a.emit(x86.IMULQ(a.arg("cols"), col)) // back to the first column, after a row
	a.emit(x86.SUBQ(col, row))
	a.emit(x86.MOVQ(a.arg("xCol"), col))
	a.emit(x86.SHLQ(operand.U8(2), col))
	a.emit(x86.SHLQ(operand.U8(2), a.arg("dstStep")))
	onward(a, v, n, "dstNext", "xNext")
	step := a.loadBytes("xStep")
	px, pw, ky, kx := a.regs.GP64(), a.regs.GP64(), a.regs.GP64(), a.regs.GP64()
	a.label("group")
	a.emit(x86.MOVQ(a.arg("n"), n))
	a.emit(x86.MOVQ(a.arg("w"), w))
	part := 0
	rest(a, v, n, []reg.GPVirtual{dst, x, w}, func(_ int, masked bool) {
		part++
		rows, columns := fmt.Sprintf("row%d", part), fmt.Sprintf("column%d", part)
		sums, y, z := v.vec[:together], v.vec[together], v.vec[together+1]
		for _, s := range sums {
			v.zero(a, s)
		}
		a.emit(x86.MOVQ(x, px))
		a.emit(x86.MOVQ(w, pw))
		a.emit(x86.MOVQ(a.arg("rows"), ky))
		a.label(rows)
		a.emit(x86.MOVQ(a.arg("cols"), kx))
		a.label(columns)
		v.load(a, operand.Mem{Base: pw}, z, masked)
		add := func(k int, at operand.Mem) {
			if masked {
				v.load(a, at, y, true)
				a.emit(x86.VFMADD231PS(y, z, sums[k]))
				return
			}
			a.emit(x86.VFMADD231PS(at, z, sums[k]))
		}
		add(0, operand.Mem{Base: px})
		add(1, operand.Mem{Base: px, Index: step, Scale: 1})
		add(2, operand.Mem{Base: px, Index: step, Scale: 2})
		a.emit(x86.ADDQ(step, px))
		add(3, operand.Mem{Base: px, Index: step, Scale: 2})
		a.emit(x86.SUBQ(step, px))
		a.emit(x86.ADDQ(col, px))
		a.emit(x86.ADDQ(each, pw))
		a.emit(x86.DECQ(kx))
		a.emit(x86.JNE(operand.LabelRef(columns)))
		a.emit(x86.ADDQ(row, px))
		a.emit(x86.ADDQ(a.arg("wSkip"), pw))
		a.emit(x86.DECQ(ky))
		a.emit(x86.JNE(operand.LabelRef(rows)))
		a.emit(x86.MOVQ(dst, px))
		for _, s := range sums {
			v.store(a, s, operand.Mem{Base: px}, masked)
			a.emit(x86.ADDQ(a.arg("dstStep"), px))
		}
	})
	a.emit(x86.ADDQ(a.arg("dstNext"), dst))
	a.emit(x86.ADDQ(a.arg("xNext"), x))
	a.emit(x86.DECQ(a.arg("groups")))
	a.emit(x86.JNE(operand.LabelRef("group")))
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}
