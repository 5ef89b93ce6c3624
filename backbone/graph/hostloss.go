package graph

import (
	"errors"

	"gorgonia.org/gorgonia"
)

// hostLoss is the operation at the end of a training graph: its run stops the
// machine, lets the caller of the step compute dL/dEmb in plain Go, and lets the
// machine go on; its gradient is that dL/dEmb. Its own value is 0.
type hostLoss struct {
	*op
	emb, dEmb []float32

	reached chan struct{} // the machine has come here
	verdict chan error    // go on, or end the run with this error
}

// errAbandoned ends the machine's run when the caller's function does not
// return: it panicked, or ended its goroutine.
var errAbandoned = errors.New("graph: the gradient function did not return")

// newHostLoss adds the loss on the embeddings and returns it with its node.
func newHostLoss(b *builder, emb *gorgonia.Node) (*hostLoss, *gorgonia.Node) {
	l := &hostLoss{
		dEmb:    make([]float32, emb.Shape().TotalSize()),
		reached: make(chan struct{}),
		verdict: make(chan error),
	}
	l.op = &op{
		name:   "loss",
		result: gorgonia.NewF32(0),
		do:     func(in [][]float32) { l.emb = in[0] },
		diff: func(in gorgonia.Nodes, out, _ *gorgonia.Node) gorgonia.Nodes {
			gradient := &op{name: "loss gradient", result: over(l.dEmb, in[0].Shape()), do: func([][]float32) {}}
			return gorgonia.Nodes{b.add(gradient, out)} // on out, so that it runs after the loss
		},
	}
	return l, b.addAs(l, l.op, emb)
}

func (l *hostLoss) Do(values ...gorgonia.Value) (gorgonia.Value, error) {
	zero, err := l.op.Do(values...)
	if err != nil {
		return nil, err
	}
	clear(l.dEmb)
	l.reached <- struct{}{}
	return zero, <-l.verdict
}
