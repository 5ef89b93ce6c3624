package trainer

import (
	"crossbatch/trainer/ranks"
)

// Comm joins the ranks of a training, see [Run].Comm. The batch size of the configuration is
// that of all ranks together. Rank r of n makes and embeds the images r, r+n, r+2n, … of the
// batch. The K images of a class are adjacent, so that each rank has some images of every
// class. The rest of a step is the same on every rank, for the whole batch:
//
//  1. All ranks gather all embeddings, n·d numbers. Labels and ids are not sent: every rank
//     draws the same batch.
//  2. Every rank has the whole memory. It computes the same loss and stores the same rows.
//     With Config.Memory.Share it has a part of them, see below.
//  3. Each rank propagates the gradient of its own embeddings back. The loss is that of the
//     whole batch: the weights' gradients are summed, not averaged. Every rank takes the same
//     step of the optimizer.
//
// The ranks also share out the embedding of validation and test images, of the prefill and of
// measurements of drift and of directions. Rank 0 computes the scores for all. Every rank calls the callbacks of
// its own Run. Run.Checkpoint must be nil on all ranks or on none.
//
// Batch normalisation uses the statistics of each rank's part; with Config.Batch.SyncBN it
// uses those of the whole batch. Running statistics are then averaged, and equal on all ranks.
// Without batch normalisation, or with SyncBN, the number of ranks changes the training by
// rounding alone. The same number of ranks gives the same bytes. Config.Batch.Chunk is the
// number of images at a time on each rank.
//
// The state is the same on all ranks. A checkpoint is that of rank 0, and a training with
// another number of ranks can continue from it. At the beginning rank 0 sends its state to
// all. A rank with another configuration, other data or another network refuses it. Weights
// and memory are compared between ranks after the first step and at every validation.
//
// # A memory that is shared out
//
// With Config.Memory.Share rank r of N keeps the rows of slots r, r+N, r+2N, …. What a row is
// of (label, id, birth, length) every rank knows of all rows, so that policies, age limits and
// the kinds of pairs are those of one process. In a step each rank
//
//  1. finds all positives by their labels, takes the similarities of those that it has, and
//     gets the others;
//  2. sweeps over its rows, and gets the sums of every rank's parts: extremes for a miner,
//     sums of exponentials, of active terms and of triplets for a loss. Joined in the order of
//     the ranks they are the statistics of each anchor over all rows;
//  3. weighs its rows by them, and adds its part of the anchors' gradient to the others'.
//
// It is the training of one process but for rounding, and the same number of ranks gives the
// same bytes. It takes losses and miners that pair.CheckRanks takes: those with sums to join,
// and with one negative an anchor any loss of pairs alone. Refused are the others, the cures
// xbn and axbn, looks at drift, which take all rows in one place, and a device. A prefill is
// embedded in parts; looks at the weights of pairs are summed; a look at directions embeds the
// whole training set on every rank.
//
// A checkpoint is that of one process. The memory's section is gathered and written a few
// thousand rows at a time, so that rank 0 never has all rows; to go on, it reads the file in
// place and sends it round. Any number of ranks goes on with it, sharing or not. While
// Run.Checkpoint is called on rank 0, it may write Sections, and the other ranks take part.
//
// # Costs
//
// For n images a batch with embeddings of d numbers, P weights and M rows of memory, each rank
// gets in a step
//
//	4·n·d bytes   of embeddings, in one all-gather
//	8·P bytes     of gradients, in buckets of 4 MiB, during the backward pass
//	16·C bytes    with SyncBN, for each normalisation of C channels and each pass
//	8·B bytes     without it, for the B running statistics, at the end
//
// Every rank keeps 4·d+24 bytes for each row of the whole memory, and computes all n·M pairs.
// Shared out to N ranks it keeps 4·d/N+24 bytes (some more with a policy), computes n·M/N
// pairs, compares n·M labels, and gets in a step
//
//	8·Q bytes       of similarities of Q positives
//	24·n·N·K bytes  of sums over the negatives, in one all-gather, and 32·n·N·K for each pass of
//	                a miner; 8·Q·N·K more for triplets. K is 1, or 1,536/n if that is more
//	8·n·d bytes     of the anchors' gradient
//
// Measured on two ranks of one machine with two busy cores: an all-gather of 64×128 numbers
// takes 10 to 15 µs, the statistics of 64 channels 8 to 13 µs, a sum of gradients 2.8 ns a
// number (make test-mpi has the program: XBM_MPI_COSTS). A pair of embeddings of 128 numbers
// takes 5 to 23 ns on two cores, depending on the loss; that rows are shared out adds 2 to 10 %.
//
// An estimate from these numbers, not a measurement: 1,000 ranks with 32 images each,
// ResNet-50 (25.6 million weights, 53 normalisations), 60,000 rows of memory, a network of 10
// Gbit/s and 5 µs a message. Embeddings take 13 ms. Gradients take 165 ms for bytes and 250 ms
// for messages, during the backward pass. SyncBN adds a second, nearly all of it for messages.
// The 1.9 thousand million pairs take 10 to 44 s on two cores, and half a second to three on
// thirty-two. With more than some tens of ranks, the pairs dominate: 16 ranks with 64 images
// need 0.3 to 1.4 s for them on two cores. More ranks need a smaller memory, or one that is
// shared out: the 1,000 ranks then have 2 million pairs each, 10 to 44 ms, and 768 MB of sums,
// 0.6 s. A memory of 100 million rows takes 54 GB on every rank; shared out to 16 ranks 5.6 GB,
// and 64 anchors' 400 million pairs a rank 2 to 9 s on two cores.
//
// # Errors
//
// If the error of Train is a [ranks.Shared] error, all ranks have ended. Of any other error
// the other ranks do not know: call Comm.Abort.
type Comm = ranks.Comm

// Splitter is an [Encoder] that can train on a part of a batch while other ranks train on the
// rest. Another Encoder can train on several ranks, too, if it draws no random numbers, but
// not with SyncBN.
type Splitter interface {
	// Split restricts Train and Forward to the images first, first+stride, … of a batch. sum,
	// if not nil, replaces x by its sums over all parts: the encoder uses it to compute the
	// statistics of batch normalisation over the whole batch. ready, if not nil, may be called
	// during Train with i as soon as the gradient of the i-th array of State is final.
	Split(first, stride int, sum func(x []float64) error, ready func(i int))
}

func (r Run) rank() int {
	if r.Comm == nil {
		return 0
	}
	return r.Comm.Rank()
}

func (r Run) ranks() int {
	if r.Comm == nil {
		return 1
	}
	return r.Comm.Size()
}
