// Package xbm is a cross-batch memory for deep metric learning: a ring of the
// embeddings of past iterations against which any pair-based loss can mine, so
// that the batch is, for the loss, as large as the memory.
//
//	Xun Wang, Haozhi Zhang, Weilin Huang, Matthew R. Scott.
//	Cross-Batch Memory for Embedding Learning.
//	CVPR 2020. https://arxiv.org/abs/1912.06798
//
// It knows of no network and no trainer. Each training step, a trainer hands
// over the embeddings of its batch, and gets the loss and the gradient with
// respect to them added to a slice of its own:
//
//	memory, err := xbm.NewMemory(capacity, dim)
//	crossBatch := xbm.CrossBatch{Memory: memory, Loss: pair.NewContrastive(false)}
//	…
//	summary, err := crossBatch.Add(dEmb, xbm.Batch{Embeddings: emb, Labels: labels})
//
// A term within the batch, [InBatch], has the same form; what a trainer
// minimises is the sum of the terms that it adds.
//
// Embeddings need not be normalised: losses are taken on unit rows, the memory
// holds unit rows, and the gradient is carried back through the normalisation.
//
// Not here: losses (package xbm/pair), networks, optimizers, files.
package xbm
