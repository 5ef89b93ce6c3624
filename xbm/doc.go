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
// MemoryConfig.Ranks shares the rows out to processes, for a memory that is larger than one
// machine's: each takes its part of the loss, and all have the same gradient. WriteState and
// ReadState stream the state of such a memory, which is that of one process.
//
// # Words
//
// The field's terms, as all packages of this module use them:
//
//   - embedding: the numbers that a network makes of an image; a row of a batch or a
//     memory. On unit length, unless said otherwise.
//   - anchor: the row that a loss is taken for. Positive: another row of its class.
//     Negative: a row of another class. Pair: an anchor with a positive or negative.
//   - weight of a pair: the derivative of the loss by the pair's similarity. Factor: what a
//     weight is multiplied by. Multiplicity: how often a pair counts.
//   - margin: how far a similarity or distance must be on the right side of a bound, in
//     its units. Temperature: what similarities are divided by.
//   - miner: what chooses the pairs that a loss sees.
//   - copy: a row of the same sample. Own copy: the one that this step stored.
//   - age: the steps since a row was stored. Drift: how far embeddings move meanwhile.
//   - momentum encoder: a network that follows the trained one slowly. Key: an embedding
//     by it, in the memory.
//   - query: a row whose nearest neighbours are wanted. Reference: a row that may be one of
//     them. Gallery: references that are not the queries themselves.
//   - recall@k: the share of queries with a row of their class among the k nearest.
//     R-precision: the share of right rows among the R nearest, R being how many are right.
//     MAP@R: the sum of the precisions at the right ones among those R places, divided by
//     R; the mean over the queries.
//   - baseline: what a result is held against: the same training without memory, or what
//     needs no training.
//   - random generator: where random numbers come from; always an argument or a seed.
//
// Not here: losses, networks, optimizers, files.
package xbm
