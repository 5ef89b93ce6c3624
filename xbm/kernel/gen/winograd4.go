//go:build gen

package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// program is a small matrix as it is worked out: group by group, each of rows that
// have sums in common.
type program struct {
	name   string
	in     int
	groups []group
}

// group is some rows of the matrix: sums over the vector that it is multiplied by, and
// the rows over those sums followed by that vector.
type group struct {
	rows []int
	sums [][]float64
	outs [][]float64
}

// winograd4 returns the matrices of F(4×4, 3×3) at the points 0, ±a, ±b and ∞.
func winograd4() []program {
	const a, b = 0.625, 1.5
	const a2, b2 = a * a, b * b
	const na, nb = 2 * a2 * (a2 - b2), 2 * b2 * (b2 - a2)
	one := func(row int, x ...float64) group { return group{[]int{row}, nil, [][]float64{x}} }
	// pair is even ± scale·odd.
	pair := func(row int, scale float64, even, odd []float64) group {
		return group{[]int{row, row + 1}, [][]float64{even, odd}, [][]float64{{1, scale}, {1, -scale}}}
	}
	plus := [][]float64{{0, 1, 1, 0, 0, 0}, {0, 0, 0, 1, 1, 0}}
	minus := [][]float64{{0, 1, -1, 0, 0, 0}, {0, 0, 0, 1, -1, 0}}
	return []program{
		{"winograd4Image", 6, []group{
			one(0, a2*b2, 0, -a2-b2, 0, 1, 0),
			pair(1, a, []float64{0, 0, -b2, 0, 1, 0}, []float64{0, -b2, 0, 1, 0, 0}),
			pair(3, b, []float64{0, 0, -a2, 0, 1, 0}, []float64{0, -a2, 0, 1, 0, 0}),
			one(5, 0, a2*b2, 0, -a2-b2, 0, 1),
		}},
		{"winograd4Filter", 3, []group{
			one(0, 1/(a2*b2), 0, 0),
			pair(1, a/na, []float64{1 / na, 0, a2 / na}, []float64{0, 1, 0}),
			pair(3, b/nb, []float64{1 / nb, 0, b2 / nb}, []float64{0, 1, 0}),
			one(5, 0, 0, 1),
		}},
		{"winograd4Output", 6, []group{
			{[]int{0, 2}, plus, [][]float64{{1, 1, 1}, {a2, b2}}},
			{[]int{1, 3}, minus, [][]float64{{a, b}, {a * a2, b * b2, 0, 0, 0, 0, 0, 1}}},
		}},
		{"winograd4OutputGradient", 4, []group{
			one(0, 1, 0, 0, 0),
			pair(1, a, []float64{1, 0, a2, 0}, []float64{0, 1, 0, a2}),
			pair(3, b, []float64{1, 0, b2, 0}, []float64{0, 1, 0, b2}),
			one(5, 0, 0, 0, 1),
		}},
		{"winograd4FilterGradient", 6, []group{
			{[]int{0, 2}, plus, [][]float64{{1 / na, 1 / nb, 1 / (a2 * b2)}, {a2 / na, b2 / nb, 0, 0, 0, 0, 0, 1}}},
			{[]int{1}, minus, [][]float64{{a / na, b / nb}}},
		}},
	}
}

// steps writes T·X·Tᵀ for count squares, as sandwich does, by the steps of a program.
func steps(a *assembler, v set, t program) {
	name := t.name + v.name
	size := 0
	for _, g := range t.groups {
		size += len(g.rows)
	}
	a.text(name, "func(dst *float32, dstRow, dstCol int, src *float32, srcRow, srcCol, n, dstStep, srcStep, count int)",
		name+" maps count squares of vectors of n floats.")
	dst, src := a.load("dst"), a.load("src")
	dstCol, srcRow, srcCol := a.loadBytes("dstCol"), a.loadBytes("srcRow"), a.loadBytes("srcCol")
	a.emit(x86.SHLQ(operand.U8(2), a.arg("dstRow")))
	n := a.load("n")
	onward(a, v, n, "dstStep", "srcStep")
	top, low, out := a.regs.GP64(), a.regs.GP64(), a.regs.GP64()
	m := &mixer{a: a, v: v, loaded: v.vec[14]}
	a.label("square")
	a.emit(x86.MOVQ(a.arg("n"), n))
	rest(a, v, n, []reg.GPVirtual{dst, src}, func(_ int, masked bool) {
		for _, g := range t.groups {
			a.emit(x86.MOVQ(src, top))
			a.emit(x86.LEAQ(operand.Mem{Base: src, Index: srcRow, Scale: 2}, low))
			a.emit(x86.ADDQ(srcRow, low))
			mixed := [2][]reg.Register{v.vec[:6], v.vec[6:12]}
			for j := range t.in {
				x := func(k int) (operand.Op, bool) {
					at := operand.Mem{Base: top}
					if k >= 3 {
						at.Base = low
					}
					if k%3 > 0 {
						at.Index, at.Scale = srcRow, uint8(k%3)
					}
					return at, masked
				}
				m.rows(g, x, func(i int) reg.Register { return mixed[i][j] }, func(int) {})
				a.emit(x86.ADDQ(srcCol, top))
				a.emit(x86.ADDQ(srcCol, low))
			}
			for i, row := range g.rows {
				a.emit(x86.MOVQ(dst, out))
				for range row {
					a.emit(x86.ADDQ(a.arg("dstRow"), out))
				}
				across := 0
				for _, h := range t.groups {
					x := func(k int) (operand.Op, bool) { return mixed[i][k], false }
					place := v.vec[14] // nothing is loaded here
					m.rows(h, x, func(int) reg.Register { return place }, func(k int) {
						// Columns in the order in which they come.
						for ; across < h.rows[k]; across++ {
							a.emit(x86.ADDQ(dstCol, out))
						}
						for ; across > h.rows[k]; across-- {
							a.emit(x86.SUBQ(dstCol, out))
						}
						v.store(a, place, operand.Mem{Base: out}, masked)
					})
				}
			}
		}
	})
	a.emit(x86.ADDQ(a.arg("dstStep"), dst))
	a.emit(x86.ADDQ(a.arg("srcStep"), src))
	a.emit(x86.DECQ(a.arg("count")))
	a.emit(x86.JNE(operand.LabelRef("square")))
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// mixer writes sums of a few vectors.
type mixer struct {
	a      *assembler
	v      set
	loaded reg.Register
}

// rows writes the rows of a group for x, each in the register for it, and then calls
// done for it.
func (m *mixer) rows(g group, x func(k int) (operand.Op, bool), dst func(i int) reg.Register, done func(i int)) {
	sums := m.v.vec[12:14]
	for k, sum := range g.sums {
		m.sum(sum, x, sums[k])
	}
	for i, row := range g.outs {
		m.sum(row, func(k int) (operand.Op, bool) {
			if k < len(g.sums) {
				return sums[k], false
			}
			return x(k - len(g.sums))
		}, dst(i))
		done(i)
	}
}

// sum stores Σ row[k]·x(k): what has the factor 1 first.
func (m *mixer) sum(row []float64, x func(k int) (operand.Op, bool), dst reg.Register) {
	a, begun := m.a, false
	take := func(k int) operand.Op { // in a register, or where it lies
		at, masked := x(k)
		if !masked {
			return at
		}
		m.v.load(a, at.(operand.Mem), m.loaded, true)
		return m.loaded
	}
	for k, w := range row {
		if w != 1 {
			continue
		}
		from := take(k)
		if begun {
			a.emit(x86.VADDPS(from, dst, dst))
		} else if from != operand.Op(dst) {
			a.emit(x86.VMOVUPS(from, dst))
		}
		begun = true
	}
	for k, w := range row {
		switch {
		case w == 0 || w == 1:
		case !begun:
			from := m.register(take(k))
			a.emit(x86.VMULPS(a.constant(constantName(w), w), from, dst))
			begun = true
		case w == -1:
			a.emit(x86.VSUBPS(take(k), dst, dst))
		default:
			from := m.register(take(k))
			a.emit(x86.VFMADD231PS(a.constant(constantName(w), w), from, dst))
		}
	}
}

func (m *mixer) register(from operand.Op) reg.Register {
	if r, is := from.(reg.Register); is {
		return r
	}
	m.a.emit(x86.VMOVUPS(from, m.loaded))
	return m.loaded
}
