package device

import (
	"crossbatch/backbone/network"
	"crossbatch/xbm/internal/cuda/encoder"
)

// Encoder is a network on the device. Not safe for concurrent use.
//
// Embeddings differ from the processor's by rounding: with fp32 by about 1e-5 of the largest
// number, with tf32 and bf16 by what products of 11 and 8 bits leave of a network's digits,
// some 1e-3 and 1e-2. The same images and parameters give the same bytes, in any batch.
type Encoder struct{ on *encoder.Encoder }

// NewEncoder makes a network ready for the device, over arrays, one for each of its
// parameters. It fails on a network that no kernels are for. d must not be nil.
func (d *Device) NewEncoder(n *network.Network, arrays [][]float32) (*Encoder, error) {
	on, err := encoder.New(d.context, d.precision, n, arrays)
	if err != nil {
		return nil, err
	}
	return &Encoder{on}, nil
}

// Embed stores in dst (n × the output) the embeddings of images (n × the network's input,
// row-major). Parameters that have changed since the last call are brought to the device.
func (e *Encoder) Embed(dst, images []float32) error { return e.on.Embed(dst, images) }

// Trainable makes the network ready for Train; grads, one for each parameter (nil: it is not
// trained), are where Fetch stores gradients. It fails on a network that no kernels train.
func (e *Encoder) Trainable(grads [][]float32) error { return e.on.Trainable(grads) }

// Train takes one step's passes over images (n × the network's input): forward in training
// mode, one call of grad, on the calling goroutine, and backward. grad gets the embeddings and
// stores dL/dEmbeddings in dEmb, which comes zeroed. Gradients, and buffers that have moved,
// stay on the device until they are fetched.
//
// It differs from the processor's by rounding, like Embed. Sums have one order: the same step
// gives the same bytes.
func (e *Encoder) Train(images []float32, grad func(dEmb, emb []float32) error) error {
	return e.on.Train(images, grad)
}

// Fetch stores in the arrays, and in the gradients, what the device has newer.
func (e *Encoder) Fetch() error { return e.on.Fetch() }

// Touch says that the arrays may have been changed since they were fetched.
func (e *Encoder) Touch() { e.on.Touch() }

// Finite reports whether all gradients, and buffers that move, are finite.
func (e *Encoder) Finite() (bool, error) { return e.on.Finite() }

// Update is what an optimizer's step does to a parameter, see trainer/optim.Step.
type Update = encoder.Update

// Update moves a parameter, by its number, against its gradient.
func (e *Encoder) Update(parameter int, u Update) error { return e.on.Update(parameter, u) }

// Slot stores in dst what the optimizer remembers of a parameter, the k-th array of it, and
// reports whether there is one.
func (e *Encoder) Slot(parameter, k int, dst []float32) (bool, error) {
	return e.on.Slot(parameter, k, dst)
}

// SetSlot is Slot the other way.
func (e *Encoder) SetSlot(parameter, k int, x []float32) error { return e.on.SetSlot(parameter, k, x) }

// Close fetches what was trained and gives the network's room on the device back. Embed and
// Train take it again; what the optimizer remembers is lost.
func (e *Encoder) Close() error {
	if e == nil {
		return nil
	}
	return e.on.Close()
}
