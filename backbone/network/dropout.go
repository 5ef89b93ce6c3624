package network

import "math/rand/v2"

const dropoutStream = 0xd509

// Draw stores the factors of the elements of an image, by its place in the batch, in a
// training pass, the first of which is step 1: 0, or what makes up for those that are 0.
func (o Dropout) Draw(factors []float32, step float32, place int) {
	rng := rand.New(rand.NewPCG(o.Seed^dropoutStream, uint64(step)<<32|uint64(place)))
	kept := float32(1 / (1 - o.Share))
	for i := range factors {
		factors[i] = 0
		if rng.Float64() >= o.Share {
			factors[i] = kept
		}
	}
}
