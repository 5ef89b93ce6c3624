// Package backbone has the networks that turn images into embeddings. The loss that
// trains them is computed elsewhere.
//
// A [Config] says which network: one of [Kinds], the shape of the images, the
// size of an embedding. [New] makes a [Net] of it, which owns the parameters:
//
//	net, err := backbone.New(backbone.Config{Kind: backbone.Conv4, Channels: 1, Height: 28, Width: 28})
//	err = net.Embed(embeddings, images)    // running statistics, nothing changes
//	err = net.Train(images, func(dEmb, emb []float32) error {
//		// Compute the loss of emb here and store its gradient in dEmb.
//	})                                     // now net.State has every gradient
//
// A network is described once, as plain data ([Net.Network]), that others read:
// crossbatch/backbone/graph, which computes it for each batch size over the same
// parameters, and crossbatch/backbone/onnx, which writes it for other programs.
// Adding a network is a file that describes its trunk, such as conv4.go, and a row
// in kinds.
//
// With Config.Chunk a batch that is too large for the machine is trained on chunk by
// chunk, with the gradient of the whole (chunks.go).
//
// Results are bit-identical for a seed, whatever GOMAXPROCS is.
//
// Not here: losses, optimizers, checkpoints, data.
package backbone
