package network

import "math"

// Fold stores what a batch normalisation does in embedding: of each channel the factor, and
// what is then added. arrays are the network's parameters. It panics on another operation.
func (n *Node) Fold(factors, shifts []float32, arrays [][]float32) {
	part := func(k int) []float32 { return arrays[n.Parameters[k]] }
	scale, shift, mean, variance := part(0), part(1), part(2), part(3)
	epsilon := n.Op.(BatchNorm).Epsilon
	for c := range factors {
		f := float64(scale[c]) / math.Sqrt(float64(variance[c])+epsilon)
		factors[c] = float32(f)
		shifts[c] = float32(float64(shift[c]) - f*float64(mean[c]))
	}
}
