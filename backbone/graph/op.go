package graph

import (
	"hash"
	"hash/fnv"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// op is an operation of a gorgonia graph made of functions over slices: do
// stores the result, whose storage the op owns and returns at every run, and
// diff builds the nodes of its gradients. One op serves one node of one graph,
// and its name must be the only one of its kind there: gorgonia takes nodes of
// equal names and inputs for the same.
type op struct {
	name   string
	inputs []hm.Type
	result gorgonia.Value

	// do gets the inputs; a scalar's slice is nil.
	do func(in [][]float32)

	// wrt tells to which inputs diff gives a gradient; the others get nil.
	wrt  []bool
	diff gradients

	in [][]float32 // what do gets, kept to save allocating it
}

// gradients returns a node for each input of out: the gradient with respect to
// it, given grad, the one with respect to out.
type gradients func(in gorgonia.Nodes, out, grad *gorgonia.Node) gorgonia.Nodes

var _ gorgonia.SDOp = (*op)(nil)

func (o *op) Do(values ...gorgonia.Value) (gorgonia.Value, error) {
	for i, v := range values {
		o.in[i] = nil
		if t, ok := v.(*tensor.Dense); ok {
			o.in[i] = t.Float32s()
		}
	}
	o.do(o.in)
	return o.result, nil
}

func (o *op) DiffWRT(int) []bool { return o.wrt }

func (o *op) SymDiff(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	return o.diff(in, out, grad), nil
}

func (o *op) Arity() int { return len(o.inputs) }

func (o *op) Type() hm.Type {
	signature := append([]hm.Type{}, o.inputs...)
	return hm.NewFnType(append(signature, gorgonia.TypeOf(o.result))...)
}

func (o *op) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) {
	return o.result.Shape().Clone(), nil
}

// ReturnsPtr is false, or else the tape machine would allocate a result of its
// own before each run.
func (o *op) ReturnsPtr() bool { return false }

// CallsExtern is true, as for every operation whose result is not the machine's.
func (o *op) CallsExtern() bool { return true }

func (o *op) OverwritesInput() int { return -1 }

func (o *op) WriteHash(h hash.Hash) { _, _ = h.Write([]byte(o.name)) }

func (o *op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

func (o *op) String() string { return o.name }
