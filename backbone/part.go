package backbone

import "crossbatch/backbone/graph"

// Split says that Train and Forward get a part of a batch: those images of it whose
// numbers are first, first+stride, first+2·stride and so on. Dropout leaves out of them
// what it would of the whole. Train's gradients are then those of the part: added up over
// the parts they are the whole's.
//
// With sum, batch normalisation has the statistics of the whole batch, in both passes:
//
//	Hang Zhang et al., Context Encoding for Semantic Segmentation, CVPR 2018,
//	https://arxiv.org/abs/1803.08904 (appendix A: synchronised batch normalisation).
//
// sum stores in x the sums over all parts, which are of one size; it is called once for
// each normalisation and pass, in the same order in every part. Its error ends the pass.
// Without sum, which is nil, each part has its own statistics.
//
// ready, if not nil, is called in Train when the gradient of the i-th array of State is
// what it will be, while others are still to come; with Config.Chunk it is not called.
// Both are called on another goroutine than Train's.
func (n *Net) Split(first, stride int, sum func(x []float64) error, ready func(i int)) {
	n.part = graph.Part{Offset: first, Stride: stride, Sum: sum}
	if ready != nil {
		n.part.Ready = func(i int) {
			if !n.inChunks {
				ready(i)
			}
		}
	}
}
