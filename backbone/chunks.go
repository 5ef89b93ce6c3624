package backbone

import (
	"errors"

	"crossbatch/xbm/kernel"
)

// chunks is the room of a training pass that goes chunk by chunk, so that a batch
// of any size fits in memory.
//
//	Luyu Gao, Yunyi Zhang, Jiawei Han, Jamie Callan. Scaling Deep Contrastive
//	Learning Batch Size under Memory Limited Setup. RepL4NLP 2021.
//	https://arxiv.org/abs/2101.06983 (gradient cache, section 3.2)
//
// Every chunk is embedded; the loss of all embeddings gives dL/dEmb; every chunk
// is embedded once more, as before, and its part of dL/dEmb carried back. The
// gradients add up to those of the whole batch: exactly, but for rounding, where
// images do not see each other within the network. What is drawn for an image
// depends on its place in the batch, so that dropout leaves out the same in both
// passes, and the same for any chunk.
//
// Batch normalisation does let images see each other: its statistics are those of
// the chunk, in both passes, and the gradient is exactly that of this function.
// The running statistics move once for each chunk, in their order.
//
// Unlike the paper, the last chunk is embedded once only: it is carried back at
// once.
type chunks struct {
	emb, dEmb     []float32
	before, after [][]float32 // buffers
	sums          [][]float32 // of gradients
}

// errForward ends a training pass after its embeddings.
var errForward = errors.New("backbone: forward only")

// trainChunks is Train, Config.Chunk images at a time and in the last chunk what
// is left.
func (n *Net) trainChunks(images []float32, grad func(dEmb, emb []float32) error) error {
	rows, dim, c := len(images)/n.pixels, n.Dim(), &n.chunks
	c.emb, c.dEmb = resized(c.emb, rows*dim), resized(c.dEmb, rows*dim)
	n.inChunks = true
	defer func() { n.first, n.inChunks = 0, false }()
	// chunk trains on the images from the given one on, up to a chunk.
	chunk := func(first int, grad func(dEmb, emb []float32) error) error {
		n.first = first
		return n.trainOne(images[first*n.pixels:min(rows, first+n.config.Chunk)*n.pixels], grad)
	}
	last := (rows - 1) / n.config.Chunk * n.config.Chunk
	c.before = n.keepBuffers(c.before)
	for first := 0; first < last; first += n.config.Chunk {
		err := chunk(first, func(_, emb []float32) error {
			copy(c.emb[first*dim:], emb)
			return errForward
		})
		if err != errForward {
			return err
		}
	}
	err := chunk(last, func(dEmb, emb []float32) error {
		copy(c.emb[last*dim:], emb)
		clear(c.dEmb)
		if err := grad(c.dEmb, c.emb); err != nil {
			return err
		}
		copy(dEmb, c.dEmb[last*dim:])
		return nil
	})
	if err != nil {
		return err
	}
	n.addGradients(true)
	c.after = n.keepBuffers(c.after)
	n.setBuffers(c.before)
	for first := 0; first < last; first += n.config.Chunk {
		err := chunk(first, func(dEmb, _ []float32) error {
			copy(dEmb, c.dEmb[first*dim:])
			return nil
		})
		if err != nil {
			return err
		}
		n.addGradients(false)
	}
	n.setBuffers(c.after)
	for i, p := range n.trained() {
		copy(p.grad, c.sums[i])
	}
	return nil
}

// addGradients adds the gradients of a chunk to the sums, or begins them.
func (n *Net) addGradients(begin bool) {
	trained := n.trained()
	for len(n.chunks.sums) < len(trained) {
		n.chunks.sums = append(n.chunks.sums, make([]float32, len(trained[len(n.chunks.sums)].value)))
	}
	for i, p := range trained {
		if begin {
			copy(n.chunks.sums[i], p.grad)
			continue
		}
		kernel.Axpy(n.chunks.sums[i], 1, p.grad)
	}
}

// trained are the parameters that have a gradient.
func (n *Net) trained() []*parameter {
	var trained []*parameter
	for _, p := range n.state.all {
		if p.grad != nil {
			trained = append(trained, p)
		}
	}
	return trained
}

// keepBuffers copies what training changes without a gradient into kept, which it
// returns.
func (n *Net) keepBuffers(kept [][]float32) [][]float32 {
	i := 0
	for _, p := range n.state.all {
		if p.grad != nil {
			continue
		}
		if i == len(kept) {
			kept = append(kept, make([]float32, len(p.value)))
		}
		copy(kept[i], p.value)
		i++
	}
	return kept
}

// setBuffers copies kept back.
func (n *Net) setBuffers(kept [][]float32) {
	i := 0
	for _, p := range n.state.all {
		if p.grad == nil {
			copy(p.value, kept[i])
			i++
		}
	}
}

// resized returns s with n elements of any value.
func resized(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}
