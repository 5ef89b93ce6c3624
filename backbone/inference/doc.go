// Package inference runs a network forward, as fast as this processor can: batch
// normalisation folded into the filters before it, activations and sums into the pass
// that writes a convolution's result, channels side by side, weights laid out once a
// call, and few buffers, used again and again.
//
// The plain twin of it is crossbatch/backbone/graph in its mode for embedding, from which
// it differs by rounding: filters are multiplied by the scale of the normalisation first,
// and 3×3 convolutions are taken by tiles. What an image is embedded to depends neither
// on the other images of a call nor on GOMAXPROCS.
package inference
