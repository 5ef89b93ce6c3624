// Package xbm is a cross-batch memory for deep metric learning: the
// embeddings of past iterations, against which any pair-based loss can mine, so
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
// What the memory stores may be another encoder's rows for the same samples,
// [Batch].Keys, as of a momentum encoder; with CrossBatch.Views they serve learning
// without labels (MoCo).
//
// Embeddings need not be normalised: losses are taken on unit rows, the memory
// holds unit rows, and the gradient is carried back through the normalisation.
//
// # Which rows, and how old
//
// [MemoryConfig] says what memory to make: with a [Policy], which rows it keeps
// (the newest, the newest of each sample, so many of each class, a uniform sample
// of all), with an age limit, in 16 bits a number. The network moves on while rows lie in
// the memory. [CrossBatchNorm] and [DriftCompensation] are cures of that, and
// CrossBatch.AgeTau has rows count less as they age. [Comparison] tells what there
// is to cure: how far the gradient is from the one of fresh rows.
//
// A memory's state, all of this included, is saved by [Memory.AppendBinary] and
// restored exactly.
//
// Not here: losses (package xbm/pair), networks, optimizers, files.
package xbm
