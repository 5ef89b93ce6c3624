//go:build gen

package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// channelKernel is a pass over rows of n channels that lie one after the other, a few
// vectors of channels at a time and within them row by row.
type channelKernel struct {
	name, doc string
	rows      []string // arrays of rows
	vectors   []string // arrays of one number for each channel
	sums      []string // the same, that are added to
	number    string   // a number, or ""
	body      func(c *channels, u int)
}

// channels is a pass as it is being written.
type channels struct {
	a      *assembler
	v      set
	at     map[string]reg.GPVirtual // of the rows
	held   map[string][]reg.Register
	temps  [][]reg.Register
	zero   reg.Register
	number reg.Register
	masked bool
}

func (c *channels) load(row string, u int, r reg.Register) {
	c.v.load(c.a, operand.Mem{Base: c.at[row], Disp: u * c.v.bytes()}, r, c.masked)
}

func (c *channels) store(r reg.Register, row string, u int) {
	c.v.store(c.a, r, operand.Mem{Base: c.at[row], Disp: u * c.v.bytes()}, c.masked)
}

// keep clears x where y is not above 0.
func (c *channels) keep(x, y reg.Register) {
	if c.v.wide() {
		c.a.emit(x86.VCMPPS(greater, c.zero, y, reg.K2))
		c.a.emit(x86.VMOVUPS_Z(x, reg.K2, x))
		return
	}
	c.a.emit(x86.VCMPPS(greater, c.zero, y, y))
	c.a.emit(x86.VANDPS(y, x, x))
}

// deviation loads x-mean.
func (c *channels) deviation(u int, x reg.Register) {
	c.load("x", u, x)
	c.a.emit(x86.VSUBPS(c.held["mean"][u], x, x))
}

// gradient loads g, cleared with keep where y is not above 0, and x-mean.
func (c *channels) gradient(u int, keep bool) (g, x reg.Register) {
	g, x = c.temps[u][0], c.temps[u][1]
	c.load("grad", u, g)
	if keep {
		c.load("y", u, x)
		c.keep(g, x)
	}
	c.deviation(u, x)
	return g, x
}

// channelKernels are the passes of batch normalisation.
func channelKernels() []channelKernel {
	sum := func(name, doc string, keep bool) channelKernel {
		k := channelKernel{name: name, doc: doc, rows: []string{"grad", "x"}, vectors: []string{"mean"}, sums: []string{"sums", "products"}}
		if keep {
			k.rows = append(k.rows, "y")
		}
		k.body = func(c *channels, u int) {
			g, x := c.gradient(u, keep)
			c.a.emit(x86.VADDPS(g, c.held["sums"][u], c.held["sums"][u]))
			c.a.emit(x86.VFMADD231PS(g, x, c.held["products"][u]))
		}
		return k
	}
	combine := func(name, doc string, keep bool) channelKernel {
		k := channelKernel{name: name, doc: doc, rows: []string{"dst", "grad", "x"}, vectors: []string{"mean", "a", "b", "c"}}
		if keep {
			k.rows = append(k.rows, "y")
		}
		k.body = func(c *channels, u int) {
			g, x := c.gradient(u, keep)
			c.a.emit(x86.VFMADD213PS(c.held["c"][u], c.held["b"][u], x))
			c.a.emit(x86.VFMADD231PS(g, c.held["a"][u], x))
			c.store(x, "dst", u)
		}
		return k
	}
	return []channelKernel{
		{name: "channelSums", doc: "adds rows to sums", rows: []string{"x"}, sums: []string{"sums"}, body: func(c *channels, u int) {
			x := c.temps[u][0]
			c.load("x", u, x)
			c.a.emit(x86.VADDPS(x, c.held["sums"][u], c.held["sums"][u]))
		}},
		{name: "channelSquares", doc: "adds (x-mean)² to sums", rows: []string{"x"}, vectors: []string{"mean"}, sums: []string{"sums"}, body: func(c *channels, u int) {
			x := c.temps[u][0]
			c.deviation(u, x)
			c.a.emit(x86.VFMADD231PS(x, x, c.held["sums"][u]))
		}},
		sum("channelProducts", "adds g to sums and g·(x-mean) to products", false),
		sum("channelProductsWhere", "adds g where y is above 0 to sums and g·(x-mean) to products", true),
		{
			name: "channelAffine", doc: "stores max(factor·(x-mean) + shift, floor)", rows: []string{"dst", "x"},
			vectors: []string{"mean", "factor", "shift"}, number: "floor", body: func(c *channels, u int) {
				x := c.temps[u][0]
				c.deviation(u, x)
				c.a.emit(x86.VFMADD213PS(c.held["shift"][u], c.held["factor"][u], x))
				c.a.emit(x86.VMAXPS(x, c.number, x)) // in this order NaN stays NaN
				c.store(x, "dst", u)
			},
		},
		combine("channelCombine", "stores a·g + b·(x-mean) + c", false),
		combine("channelCombineWhere", "stores a·g + b·(x-mean) + c, with g 0 where y is not above 0", true),
		{name: "channelMultiplyAdd", doc: "adds x·y to dst", rows: []string{"dst", "x", "y"}, body: func(c *channels, u int) {
			x, y := c.temps[u][0], c.temps[u][1]
			c.load("x", u, x)
			c.load("y", u, y)
			d := c.zero
			c.load("dst", u, d)
			c.a.emit(x86.VFMADD231PS(x, y, d))
			c.store(d, "dst", u)
		}},
	}
}

func overChannels(a *assembler, v set, k channelKernel) {
	name := k.name + v.name
	all := append(append(append([]string{}, k.rows...), k.vectors...), k.sums...)
	signature := "func(" + strings.Join(all, ", ") + " *float32, rows, n int"
	if k.number != "" {
		signature += ", " + k.number + " float32"
	}
	a.text(name, signature+")", name+" "+k.doc+", for rows of n channels.")
	c := &channels{a: a, v: v, at: map[string]reg.GPVirtual{}}
	n, step, offset, count, pointer := a.load("n"), a.loadBytes("n"), a.regs.GP64(), a.regs.GP64(), a.regs.GP64()
	a.emit(x86.XORQ(offset, offset))
	for _, row := range k.rows {
		c.at[row] = a.regs.GP64()
	}
	most := 2
	if v.wide() {
		most = 4
	}
	c.zero, c.number = v.vec[12], v.vec[13]
	if v.wide() {
		c.zero, c.number = v.vec[30], v.vec[31]
	}
	v.zero(a, c.zero)
	if k.number != "" {
		a.emit(x86.VBROADCASTSS(a.arg(k.number), c.number))
	}
	part := func(group int, masked bool) {
		c.masked, c.held, c.temps = masked, map[string][]reg.Register{}, nil
		next := 0
		take := func() reg.Register { next++; return v.vec[next-1] }
		for range group {
			c.temps = append(c.temps, []reg.Register{take(), take()})
		}
		for _, array := range append(append([]string{}, k.vectors...), k.sums...) {
			a.emit(x86.MOVQ(a.arg(array), pointer))
			for u := range group {
				r := take()
				c.held[array] = append(c.held[array], r)
				v.load(a, operand.Mem{Base: pointer, Index: offset, Scale: 1, Disp: u * v.bytes()}, r, masked)
			}
		}
		for _, row := range k.rows {
			a.emit(x86.MOVQ(a.arg(row), c.at[row]))
			a.emit(x86.ADDQ(offset, c.at[row]))
		}
		a.emit(x86.MOVQ(a.arg("rows"), count))
		label := fmt.Sprintf("row%d%v", group, masked)
		a.label(label)
		for u := range group {
			k.body(c, u)
		}
		for _, row := range k.rows {
			a.emit(x86.ADDQ(step, c.at[row]))
		}
		a.emit(x86.DECQ(count))
		a.emit(x86.JNE(operand.LabelRef(label)))
		for _, array := range k.sums {
			a.emit(x86.MOVQ(a.arg(array), pointer))
			for u := range group {
				v.store(a, c.held[array][u], operand.Mem{Base: pointer, Index: offset, Scale: 1, Disp: u * v.bytes()}, masked)
			}
		}
		a.emit(x86.ADDQ(operand.U32(group*v.bytes()), offset))
	}
	for _, group := range []int{most, 1} {
		label := fmt.Sprintf("vectors%d", group)
		a.emit(x86.SUBQ(operand.U32(group*v.lanes), n))
		a.emit(x86.JLT(operand.LabelRef(label + "End")))
		a.label(label)
		part(group, false)
		a.emit(x86.SUBQ(operand.U32(group*v.lanes), n))
		a.emit(x86.JGE(operand.LabelRef(label)))
		a.label(label + "End")
		a.emit(x86.ADDQ(operand.U32(group*v.lanes), n))
	}
	a.emit(x86.JE(operand.LabelRef("done")))
	v.setMask(a, n)
	part(1, true)
	a.label("done")
	a.emit(x86.VZEROUPPER())
	a.emit(x86.RET())
}
