package run

import (
	"slices"

	"crossbatch/trainer"
	"crossbatch/trainer/optim"
	"crossbatch/xbm/device"
)

// trainedOnDevice is a network that a device trains: its weights, their gradients and what
// the optimizer remembers are there, and come here to be saved or looked at.
type trainedOnDevice struct {
	onDevice
	failed error // the first, of what cannot return one
}

var _ trainer.Elsewhere = (*trainedOnDevice)(nil)

func (n *trainedOnDevice) fail(err error) {
	if n.failed == nil {
		n.failed = err
	}
}

// Err implements trainer.Elsewhere.
func (n *trainedOnDevice) Err() error { return n.failed }

// Train implements trainer.Encoder.
func (n *trainedOnDevice) Train(images []float32, grad func(dEmb, emb []float32) error) error {
	if n.failed != nil {
		return n.failed
	}
	return n.on.Train(images, grad)
}

// Forward implements trainer.Encoder: by the processor.
func (n *trainedOnDevice) Forward(dst, images []float32) error {
	if err := n.on.Fetch(); err != nil {
		return err
	}
	return n.Net.Forward(dst, images)
}

// State implements trainer.Encoder.
func (n *trainedOnDevice) State(visit func(name string, shape []int, value, grad []float32)) {
	if err := n.on.Fetch(); err != nil {
		n.fail(err)
	}
	n.Net.State(visit)
	n.on.Touch()
}

// Trained implements trainer.Elsewhere.
func (n *trainedOnDevice) Trained(visit func(i int, name string)) {
	for i, p := range n.Network().Parameters {
		if p.IsTrained() {
			visit(i, p.Name)
		}
	}
}

// Finite implements trainer.Elsewhere.
func (n *trainedOnDevice) Finite() (bool, error) { return n.on.Finite() }

// Optimizer implements trainer.Elsewhere.
func (n *trainedOnDevice) Optimizer(c optim.Config) (optim.Optimizer, error) {
	o, err := optim.New(c)
	if err != nil {
		return nil, err
	}
	sizes := []int{}
	n.Net.State(func(_ string, _ []int, value, _ []float32) { sizes = append(sizes, len(value)) })
	return &deviceOptimizer{Told: o.(optim.Told), net: n, sizes: sizes}, nil
}

// deviceOptimizer has an optimizer's steps taken on a device. What the optimizer here
// remembers is a copy.
type deviceOptimizer struct {
	optim.Told
	net       *trainedOnDevice
	sizes     []int // of the parameters
	isTouched bool  // the copy may have been changed
	isAhead   bool  // the device has newer
}

// each calls f for each array that is remembered, until one fails.
func (o *deviceOptimizer) each(f func(i, k int, slots *[][]float32) error) {
	for k, slots := range o.Told.State().Slots {
		o.net.Trained(func(i int, _ string) {
			if o.net.failed == nil {
				if err := f(i, k, slots); err != nil {
					o.net.fail(err)
				}
			}
		})
	}
}

// Begin implements optim.Optimizer.
func (o *deviceOptimizer) Begin(rate float64) {
	o.Told.Begin(rate)
	if !o.isTouched {
		return
	}
	o.isTouched = false
	o.each(func(i, k int, slots *[][]float32) error {
		if i >= len(*slots) || (*slots)[i] == nil {
			return nil
		}
		return o.net.on.SetSlot(i, k, (*slots)[i])
	})
}

// Update implements optim.Optimizer.
func (o *deviceOptimizer) Update(i int, factor float64, _, _ []float32) {
	o.isAhead = true
	if err := o.net.on.Update(i, device.Update(o.Step(i, factor))); err != nil {
		o.net.fail(err)
	}
}

// State implements optim.Optimizer.
func (o *deviceOptimizer) State() optim.State {
	if o.isAhead {
		o.each(func(i, k int, slots *[][]float32) error {
			x := make([]float32, o.sizes[i])
			has, err := o.net.on.Slot(i, k, x)
			if has {
				*slots = append(*slots, slices.Repeat([][]float32{nil}, max(0, i+1-len(*slots)))...)
				(*slots)[i] = x
			}
			return err
		})
	}
	o.isAhead, o.isTouched = false, true
	return o.Told.State()
}
