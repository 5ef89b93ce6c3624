package trainer

import "slices"

// Encoder is a network as the trainer uses it. images are n images, each Channels × Height ×
// Width numbers (or Width numbers of a set of features), normalised as [data.Set.Batch] stores
// them. Embeddings are n × Dim numbers, row-major. One goroutine at a time uses it.
type Encoder interface {
	// Dim returns the number of dimensions of an embedding.
	Dim() int
	// Embed stores the embeddings of the images in dst (n×Dim), in evaluation
	// mode, with no effect on training.
	Embed(dst, images []float32) error
	// Forward stores the embeddings that Train would compute for the images now, in dst
	// (n×Dim). It works in training mode: with the statistics of this batch where there is
	// batch normalisation, and with the next dropout mask. It changes nothing: running
	// statistics, gradients and the random generator stay as they are.
	Forward(dst, images []float32) error
	// Train takes one forward pass in training mode, calls grad once, and takes one backward
	// pass. grad gets the embeddings emb and zeros dEmb, both n×Dim, and adds ∂L/∂emb to dEmb;
	// both are valid during the call. An error of grad ends Train and is returned.
	Train(images []float32, grad func(dEmb, emb []float32) error) error
	// State calls visit for each parameter with its gradient, and for each buffer with a nil
	// gradient, always in the same order. The slices are the encoder's own: to write to value
	// changes the network.
	State(visit func(name string, shape []int, value, grad []float32))
	// Head tells whether the parameter of this name belongs to the head: the last part, which
	// another task would replace. It can have a learning rate of its own.
	Head(name string) bool
}

// snapshot is a copy of all that an encoder's embeddings depend on.
type snapshot [][]float32

// take copies the encoder's state into s.
func (s *snapshot) take(e Encoder) {
	i := 0
	e.State(func(_ string, _ []int, value, _ []float32) {
		if i == len(*s) {
			*s = append(*s, slices.Clone(value))
		}
		copy((*s)[i], value)
		i++
	})
}

// restore copies s back into the encoder.
func (s snapshot) restore(e Encoder) {
	i := 0
	e.State(func(_ string, _ []int, value, _ []float32) {
		copy(value, s[i])
		i++
	})
}
