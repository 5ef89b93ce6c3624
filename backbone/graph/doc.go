// Package graph builds a network as a gorgonia graph, and runs and trains it on
// this processor.
//
// gorgonia knows which operation follows which, and what the gradient of the whole
// is made of. The arithmetic of every operation is this module's, over
// crossbatch/xbm/kernel. An operation owns its output, so that a run allocates next
// to nothing.
//
// At the end of a training graph stands an operation that hands the embeddings to
// a Go function and takes dL/dEmbeddings from it, so that one run of the graph is
// one forward pass, the loss, and one backward pass.
//
// Results are bit-identical for any GOMAXPROCS: work is cut into pieces that
// depend on the shapes only, and every sum has one order.
//
// An operation is a file here with its test, a type in crossbatch/backbone/network
// and a case in builder.apply.
package graph
