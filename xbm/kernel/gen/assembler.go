//go:build gen

package main

import (
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/buildtags"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// assembler collects the functions of one file. It stands for avo's package
// build, whose loading of Go packages would need golang.org/x/tools.
type assembler struct {
	pkg  string
	file *ir.File
	fn   *ir.Function
	regs *reg.Collection
	seen map[string]bool
}

func newAssembler(pkg string) *assembler {
	return &assembler{pkg: pkg, file: ir.NewFile(), seen: map[string]bool{}}
}

// text begins a function.
func (a *assembler) text(name, signature string, doc ...string) {
	s, err := gotypes.ParseSignature(signature)
	check(err)
	a.fn = ir.NewFunction(name)
	a.fn.SetSignature(s)
	a.fn.Attributes = attr.NOSPLIT
	a.fn.AddPragma("noescape")
	a.fn.Doc = doc
	a.file.AddSection(a.fn)
	a.regs = reg.NewCollection()
}

// emit adds an instruction.
func (a *assembler) emit(i *ir.Instruction, err error) {
	check(err)
	a.fn.AddInstruction(i)
}

func (a *assembler) label(name string) { a.fn.AddLabel(ir.Label(name)) }

// arg is the place of an argument on the stack.
func (a *assembler) arg(name string) operand.Mem {
	b, err := a.fn.Signature.Params().Lookup(name).Resolve()
	check(err)
	return b.Addr
}

// load moves an argument of 64 bits to a register.
func (a *assembler) load(name string) reg.GPVirtual {
	r := a.regs.GP64()
	a.emit(x86.MOVQ(a.arg(name), r))
	return r
}

// loadBytes is load for a count of floats that is wanted in bytes.
func (a *assembler) loadBytes(name string) reg.GPVirtual {
	r := a.load(name)
	a.emit(x86.SHLQ(operand.U8(2), r))
	return r
}

// result stores a float as the result.
func (a *assembler) result(x reg.Register) {
	b, err := a.fn.Signature.Results().At(0).Resolve()
	check(err)
	a.emit(x86.VMOVSS(x, b.Addr))
}

// resultInt stores an int as the result.
func (a *assembler) resultInt(x reg.Register) {
	b, err := a.fn.Signature.Results().At(0).Resolve()
	check(err)
	a.emit(x86.MOVQ(x, b.Addr))
}

// constant returns a float32 in every lane of a vector, in memory.
func (a *assembler) constant(name string, x float64) operand.Mem {
	words := make([]uint32, 16)
	for i := range words {
		words[i] = math.Float32bits(float32(x))
	}
	return a.table(name, words)
}

// words is constant for a whole number.
func (a *assembler) words(name string, x uint32) operand.Mem {
	words := make([]uint32, 16)
	for i := range words {
		words[i] = x
	}
	return a.table(name, words)
}

// table returns the place of a constant table, written once a file.
func (a *assembler) table(name string, words []uint32) operand.Mem {
	g := ir.NewStaticGlobal(name)
	g.Attributes = attr.RODATA | attr.NOPTR
	for _, w := range words {
		g.Append(operand.U32(w))
	}
	if !a.seen[name] {
		a.seen[name] = true
		a.file.AddSection(g)
	}
	return g.Base()
}

// write prints name_amd64.s and its Go declarations.
func (a *assembler) write(dir, name string) {
	c, err := buildtags.ParseConstraint("amd64")
	check(err)
	a.file.Constraints = buildtags.Constraints{c}
	check(pass.Compile.Execute(a.file))
	cfg := printer.Config{Argv: []string{"go", "generate"}, Pkg: a.pkg}
	for suffix, p := range map[string]printer.Printer{
		"_amd64.s": printer.NewGoAsm(cfg), "_stubs_amd64.go": printer.NewStubs(cfg),
	} {
		src, err := p.Print(a.file)
		check(err)
		check(os.WriteFile(filepath.Join(dir, name+suffix), src, 0o644))
	}
}

func check(err error) {
	if err != nil {
		log.Panic(err)
	}
}

// constantName is the name of a number's table.
func constantName(x float64) string {
	return fmt.Sprintf("c%08x", math.Float32bits(float32(x)))
}
