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

// Trainable returns an error for a network that no kernels train, whose parameters have such
// gradients (nil: not trained).
func (e *Encoder) Trainable(grads [][]float32) error { return e.on.Trainable(grads) }

// Train takes one step's passes over images (n × the network's input): forward in training
// mode, one call of grad, on the calling goroutine, and backward. grad gets the embeddings and
// stores dL/dEmbeddings in dEmb, which comes zeroed. Then the gradients are in grads, one for
// each parameter (nil: not trained), and the buffers among the arrays have moved.
//
// It differs from the processor's by rounding, like Embed. Sums have one order: the same step
// gives the same bytes.
func (e *Encoder) Train(grads [][]float32, images []float32, grad func(dEmb, emb []float32) error) error {
	return e.on.Train(grads, images, grad)
}

// Close gives the network's room on the device back. Embed takes it again.
func (e *Encoder) Close() error {
	if e == nil {
		return nil
	}
	return e.on.Close()
}
