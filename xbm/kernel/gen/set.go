//go:build gen

package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// set is a vector instruction set and the register tile that fills it.
type set struct {
	name  string
	lanes int
	rows  int            // of the largest tile, two vectors wide
	vec   []reg.Register // all vector registers
	mask  reg.Register   // picks the lanes of an incomplete vector
}

func sets() []set {
	return []set{
		{name: "AVX2", lanes: 8, rows: 6, mask: reg.Y15, vec: []reg.Register{
			reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
			reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15,
		}},
		{name: "AVX512", lanes: 16, rows: 12, mask: reg.K1, vec: []reg.Register{
			reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
			reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
			reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
			reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
		}},
	}
}

func (v set) wide() bool { return v.lanes == 16 }

func (v set) bytes() int { return 4 * v.lanes }

// zero clears x.
func (v set) zero(a *assembler, x reg.Register) {
	if v.wide() {
		a.emit(x86.VPXORD(x, x, x))
		return
	}
	a.emit(x86.VXORPS(x, x, x))
}

// setMask lets the mask pick the first n lanes, 0 ≤ n ≤ lanes.
func (v set) setMask(a *assembler, n reg.GPVirtual) {
	if v.wide() {
		bits := a.regs.GP32()
		a.emit(x86.MOVL(operand.U32(0xffff), bits))
		a.emit(x86.BZHIL(n.As32(), bits, bits))
		a.emit(x86.KMOVW(bits, v.mask))
		return
	}
	words := make([]uint32, 16)
	for i := range 8 {
		words[i] = 1<<32 - 1
	}
	at := a.regs.GP64()
	a.emit(x86.LEAQ(a.table("tails", words).Offset(32), at))
	step := a.regs.GP64()
	a.emit(x86.MOVQ(n, step))
	a.emit(x86.SHLQ(operand.U8(2), step))
	a.emit(x86.SUBQ(step, at))
	a.emit(x86.VMOVUPS(operand.Mem{Base: at}, v.mask))
}

// maskedLoad loads the lanes that the mask picks and clears the others.
func (v set) maskedLoad(a *assembler, m operand.Mem, x reg.Register) {
	if v.wide() {
		a.emit(x86.VMOVUPS_Z(m, v.mask, x))
		return
	}
	a.emit(x86.VMASKMOVPS(m, v.mask, x))
}

// maskedStore stores the lanes that the mask picks.
func (v set) maskedStore(a *assembler, x reg.Register, m operand.Mem) {
	if v.wide() {
		a.emit(x86.VMOVUPS(x, v.mask, m))
		return
	}
	a.emit(x86.VMASKMOVPS(x, v.mask, m))
}

// fullMask lets the mask pick all lanes.
func (v set) fullMask(a *assembler) {
	if v.wide() {
		a.emit(x86.KXNORW(v.mask, v.mask, v.mask))
	}
}

// Predicates of comparisons, false for NaN.
const (
	atLeast = operand.U8(0x1d)
	greater = operand.U8(0x1e)
)

// compare returns where x stands to y as the predicate says; only the lanes
// that the mask picks can. Of two vector instruction sets, one has masks in
// registers of their own: spare is a vector for the other.
func (v set) compare(a *assembler, predicate operand.U8, x, y operand.Op, spare reg.Register, masked bool) reg.Register {
	if v.wide() {
		a.emit(x86.VCMPPS(predicate, y, x, v.mask, reg.K2))
		return reg.K2
	}
	a.emit(x86.VCMPPS(predicate, y, x, spare))
	if masked {
		a.emit(x86.VANDPS(v.mask, spare, spare))
	}
	return spare
}

// choose stores x where the comparison held and y elsewhere.
func (v set) choose(a *assembler, held reg.Register, x, y, dst reg.Register) {
	if v.wide() {
		a.emit(x86.VBLENDMPS(x, y, held, dst))
		return
	}
	a.emit(x86.VBLENDVPS(held, x, y, dst))
}

// bits moves the comparison to the lowest bits of a general register.
func (v set) bits(a *assembler, held reg.Register) reg.GPVirtual {
	b := a.regs.GP32()
	if v.wide() {
		a.emit(x86.KMOVW(held, b))
	} else {
		a.emit(x86.VMOVMSKPS(held, b))
	}
	return b
}

// load loads x, of a tail only the lanes that the mask picks.
func (v set) load(a *assembler, m operand.Mem, x reg.Register, masked bool) {
	if masked {
		v.maskedLoad(a, m, x)
		return
	}
	a.emit(x86.VMOVUPS(m, x))
}

// store stores x, of a tail only the lanes that the mask picks.
func (v set) store(a *assembler, x reg.Register, m operand.Mem, masked bool) {
	if masked {
		v.maskedStore(a, x, m)
		return
	}
	a.emit(x86.VMOVUPS(x, m))
}
