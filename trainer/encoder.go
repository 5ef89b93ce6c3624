package trainer

import "slices"

// Encoder is what a trainer needs of a network.
type Encoder interface {
	// Dim is the number of numbers in an embedding.
	Dim() int
	// Embed stores the embeddings of the images in dst (n×Dim), in evaluation
	// mode, with no effect on training.
	Embed(dst, images []float32) error
	// Forward stores the embeddings that Train would find for the images now: in
	// training mode, so with the statistics of this batch where the encoder has any,
	// and with what it drops next. It changes nothing: running statistics,
	// gradients and random draws stay as they are.
	Forward(dst, images []float32) error
	// Train takes one forward pass in training mode, calls grad once with the
	// embeddings and zeros to add ∂L/∂embeddings to, and takes one backward
	// pass. An error of grad ends it and is returned.
	Train(images []float32, grad func(dEmb, emb []float32) error) error
	// State visits the parameters with their gradients, and the buffers, whose
	// grad is nil, in a fixed order. The slices are the encoder's own.
	State(visit func(name string, shape []int, value, grad []float32))
	// Head tells whether a parameter is of the part that another task would have
	// another of, which may learn faster than the rest.
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
