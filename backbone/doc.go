// Package backbone is the networks that turn images into embeddings, trained
// by a loss that is computed outside of them.
//
// A [Net] is a list of layers over parameters that it owns. For each batch size
// it builds two kinds of gorgonia graph over the same parameters, once: one
// that embeds, forward only, with running statistics, and one that trains. At
// the end of the training graph stands an operation that hands the embeddings
// to a Go function and takes dL/dEmbeddings from it, so that one run of the
// graph is one forward pass, the loss, and one backward pass.
//
// gorgonia keeps the books (which operation follows which, and what the
// gradient of the whole is made of); the arithmetic of every operation is ours,
// over crossbatch/xbm/kernel. An operation owns its output, so that a step
// allocates next to nothing.
//
// With Config.Chunk a batch that is too large for memory is trained on chunk by
// chunk, at the gradient of the whole (chunks.go).
//
// Results are bit-identical for a seed, whatever GOMAXPROCS is: work is cut
// into pieces that depend on the shapes only, and every sum has one order.
//
// The networks:
//
//   - conv4: four blocks of 3×3 convolution, batch normalisation, ReLU and 2×2
//     max pooling, then a linear head;
//   - resnet18, resnet50: residual networks, with torchvision's names;
//   - mlp: one hidden layer with ReLU, then a linear head.
//
// Not here: losses, optimizers, checkpoints, data.
package backbone
