// Package encoder runs networks on a device: it embeds images and trains.
//
// It reads the plain description of a network, crossbatch/backbone/network, like the graph,
// the processor's plan and ONNX do. gorgonia stays the graph and the autodiff of networks on
// the processor, where every operation and its gradient is this module's own, too; its way to
// a device (CUDADoer, cuDNN) does not work with today's CUDA. Here the order of the nodes is
// the order of the kernels, and the way back is that order turned round: each operation knows
// its gradient. What checks it is the graph: each operation, each network and each gradient is
// compared with gorgonia's, and the gradients with differences of the forward pass here.
//
// In embedding a convolution takes in the batch normalisation, the sum and the ReLU after it
// (network.Steps), and values share buffers. In training each node's result is kept for the
// way back, and nothing is taken in. What dropout leaves out is drawn by the processor, as there.
//
// # How numbers lie
//
// A value is rows of places: pixels, tokens, or one. The channels of a place lie side by side,
// padded with zeros to a multiple of 4, which is one copy of 16 bytes; so convolutions and
// linear maps are products of matrices whose rows are gathered on the way to shared memory,
// without a copy in between (implicit GEMM). Filters are rows, tap by tap, padded to 128 bytes.
// The padding stays zero throughout. All numbers are float32; the precision is that of the
// products (see cuda.Precision), whose sums are of float32. Statistics of batches are joined in
// float64.
//
// # What moves
//
// Images go to the device, embeddings come back, and in training their gradient goes there.
// Parameters, gradients and what the optimizer remembers stay there; Fetch brings them out,
// for checkpoints and evaluation. Nothing is added atomically: parts have sums of their own,
// which are joined in order, and the same step gives the same bytes.
//
// # What it costs
//
// A product of rows × depth by outputs takes 2·rows·depth·outputs operations; on the way back
// that again for the input and for the filters. A block makes 64 × 64 numbers and reads
// 512·depth bytes for them: 16 operations a byte, so that the second-level cache bounds the rate
// before the tensor cores do; fp32 takes three products of TF32 for one. All else is bound by
// memory: in training batch normalisation reads its input three times and writes once, then
// reads input and gradient twice and writes once; a ReLU or a sum reads and writes each number
// on each way. Attention reads the keys and values of an image once for each of its tokens.
// Training holds every node's result, and the gradients that are still needed. None of this
// was measured on a card yet.
package encoder
