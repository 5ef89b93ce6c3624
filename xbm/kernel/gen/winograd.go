//go:build gen

package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// transform is a small matrix of 0, ±1 and ±½, each row with a positive element.
type transform struct {
	name string
	rows [][]float64
}

// winograd returns the matrices of F(2×2, 3×3), of which the paper's Bᵀ and Aᵀ
// have another sign in the last row and column: the product is the same, and no
// row is negative altogether.
func winograd() []transform {
	b := [][]float64{{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, -1, 0, 1}}
	g := [][]float64{{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}}
	at := [][]float64{{1, 1, 1, 0}, {0, 1, -1, 1}}
	return []transform{
		{"winogradImage", b}, {"winogradFilter", g}, {"winogradOutput", at},
		{"winogradOutputGradient", transposed(at)}, {"winogradFilterGradient", transposed(g)},
	}
}

func transposed(m [][]float64) [][]float64 {
	t := make([][]float64, len(m[0]))
	for j := range t {
		for i := range m {
			t[j] = append(t[j], m[i][j])
		}
	}
	return t
}

// sandwich writes T·X·Tᵀ for count squares, where each element of the square X and
// of the result is a vector: row by row of the result, so that few registers do.
func sandwich(a *assembler, v set, t transform) {
	name := t.name + v.name
	size, in := len(t.rows), len(t.rows[0])
	a.text(name, "func(dst *float32, dstRow, dstCol int, src *float32, srcRow, srcCol, n, dstStep, srcStep, count int)",
		fmt.Sprintf("%s maps count squares of %d×%d vectors of n floats to %d×%d.", name, in, in, size, size))
	dst, dstCol, dstCol3 := rowPointers(a, "dst", size)
	src, srcCol, srcCol3 := rowPointers(a, "src", in)
	n := a.load("n")
	onward(a, v, n, "dstStep", "srcStep")
	at := func(p []reg.GPVirtual, col, col3 reg.GPVirtual, i, j int) operand.Mem {
		m := operand.Mem{Base: p[i]}
		switch j {
		case 1, 2:
			m.Index, m.Scale = col, uint8(j)
		case 3:
			m.Index, m.Scale = col3, 1
		}
		return m
	}
	half, spare, mixed := v.vec[0], v.vec[1], v.vec[2:2+in]
	free := v.vec[2+in : len(v.vec)-1]
	a.emit(x86.VBROADCASTSS(a.constant("half", .5), half))
	a.label("square")
	a.emit(x86.MOVQ(a.arg("n"), n))
	rest(a, v, n, append(append([]reg.GPVirtual{}, dst...), src...), func(_ int, masked bool) {
		next := 0
		for i, row := range t.rows {
			for j := range in {
				weighted(a, row, half, mixed[j], func(k int, r reg.Register) {
					v.load(a, at(src, srcCol, srcCol3, k, j), r, masked)
				}, func(k int) operand.Op {
					m := at(src, srcCol, srcCol3, k, j)
					if !masked {
						return m
					}
					v.maskedLoad(a, m, spare)
					return spare
				})
			}
			for j, col := range t.rows {
				out := free[next%len(free)]
				next++
				weighted(a, col, half, out, func(k int, r reg.Register) { a.emit(x86.VMOVAPS(mixed[k], r)) },
					func(k int) operand.Op { return mixed[k] })
				v.store(a, out, at(dst, dstCol, dstCol3, i, j), masked)
			}
		}
	})
	for step, pointers := range [][]reg.GPVirtual{dst, src} {
		name := []string{"dstStep", "srcStep"}[step]
		for _, p := range pointers {
			a.emit(x86.ADDQ(a.arg(name), p))
		}
	}
	a.emit(x86.DECQ(a.arg("count")))
	a.emit(x86.JNE(operand.LabelRef("square")))
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}

// rowPointers loads a pointer for each row of a square, and one and three
// columns in bytes.
func rowPointers(a *assembler, name string, rows int) (p []reg.GPVirtual, col, col3 reg.GPVirtual) {
	p = []reg.GPVirtual{a.load(name)}
	step := a.loadBytes(name + "Row")
	for len(p) < rows {
		next := a.regs.GP64()
		a.emit(x86.LEAQ(operand.Mem{Base: p[len(p)-1], Index: step, Scale: 1}, next))
		p = append(p, next)
	}
	col, col3 = a.loadBytes(name+"Col"), a.regs.GP64()
	a.emit(x86.LEAQ(operand.Mem{Base: col, Index: col, Scale: 2}, col3))
	return p, col, col3
}

// weighted stores Σ row[k]·x[k] in r: the halves, halved, then the others, of
// each the positive ones first.
func weighted(a *assembler, row []float64, half, r reg.Register, first func(k int, r reg.Register), x func(k int) operand.Op) {
	begun := false
	for _, size := range []float64{.5, 1} {
		some := false
		for _, sign := range []float64{1, -1} {
			for k, w := range row {
				switch {
				case w != sign*size:
					continue
				case !begun:
					first(k, r)
				default:
					fold := map[float64]func(...operand.Op) (*ir.Instruction, error){1: x86.VADDPS, -1: x86.VSUBPS}[sign]
					a.emit(fold(x(k), r, r))
				}
				begun, some = true, true
			}
		}
		if some && size == .5 {
			a.emit(x86.VMULPS(half, r, r))
		}
	}
}
