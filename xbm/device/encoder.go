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

// Close gives the network's room on the device back. Embed takes it again.
func (e *Encoder) Close() error {
	if e == nil {
		return nil
	}
	return e.on.Close()
}
