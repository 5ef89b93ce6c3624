// Package xbm is a cross-batch memory for deep metric learning. It holds the
// embeddings of past iterations, and any pair-based loss can mine against them. For
// the loss, the batch is then as large as the memory.
//
//	Xun Wang, Haozhi Zhang, Weilin Huang, Matthew R. Scott.
//	Cross-Batch Memory for Embedding Learning.
//	CVPR 2020. https://arxiv.org/abs/1912.06798
//
// The package knows of no network and no trainer. In each training step a trainer
// hands over the embeddings of its batch. It gets the loss, and the gradient with
// respect to the embeddings is added to a slice of its own:
//
//	memory, err := xbm.NewMemory(capacity, dim)
//	crossBatch := xbm.CrossBatch{Memory: memory, Loss: loss.NewContrastive(false)}
//	…
//	summary, err := crossBatch.Add(dEmb, xbm.Batch{Embeddings: emb, Labels: labels})
//
// # Terms
//
// [CrossBatch] is the loss between the batch and the memory, [InBatch] the loss within
// the batch, [ClassWeights] the loss between the batch and learned class weights. All
// have the same Add; a trainer minimises the sum of those that it calls. Embeddings
// need not be normalised: losses are taken on unit rows, and the gradient is carried
// back through the normalisation.
//
// A loss comes from package xbm/loss, a miner for it from xbm/miner, both also by
// name: [ParseLoss]. Losses of other modules implement the interfaces of xbm/pair, and
// run as fast.
//
// An [Observer] looks at one Add: [Inspect] shows how the loss weighs its pairs, a
// [Comparison] how far the gradient is from the one of fresh rows.
//
// # The memory
//
// [MemoryConfig] says what memory to make. A [Policy] decides which rows stay: the
// newest, the newest of each sample, so many of each class, a uniform sample of all,
// or what another package thinks best. Rows may have an age limit, and be kept in 16
// bits a number. What the memory stores may be another encoder's rows for the same
// samples, [Batch].Keys, as of a momentum encoder. With CrossBatch.Views they serve
// learning without labels (MoCo).
//
// While rows lie in the memory, the network moves on. [CrossBatchNorm] and
// [DriftCompensation] are cures of that drift; with CrossBatch.AgeTau rows count less
// as they age.
//
// [Memory.AppendBinary] saves the memory's state, all of this included, and
// UnmarshalBinary restores it exactly.
//
// Not here: losses, networks, optimizers, files.
package xbm
