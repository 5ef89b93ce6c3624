package trainer

import (
	"crossbatch/trainer/ranks"
)

// Comm joins the ranks of a training: see [Run].Comm. A batch is that of the
// configuration, whatever the number of ranks, and rank r of n makes and embeds the
// images r, r+n, r+2n, … of it: with classes of K images next to each other, each rank
// has some of every class. The rest of a step every rank takes with the whole batch:
//
//  1. Embeddings are gathered, n·d numbers. Labels and ids need not be: every rank
//     draws the same batch.
//  2. Every rank has the whole memory, and takes the same loss and stores the same rows.
//  3. Each carries its own rows of dL/dEmb back. The loss being that of the whole batch,
//     the weights' gradients are added up, not averaged, and every rank takes the same
//     step of the optimizer.
//
// Embeddings for validation, test, prefill and looks at drift are shared out, too. Rank 0
// takes the scores for all. What a Run is to tell, every rank tells that has the function;
// Checkpoint must be nil on all, or on none.
//
// Batch normalisation has the statistics of each rank's part, unless
// Config.Batch.SyncBN says of all; running statistics are then averaged, and the same
// on all ranks. Without batch normalisation, or with SyncBN, any number of ranks is the
// same training but for rounding. The same number gives the same bytes. With
// Config.Batch.Chunk, that many images are in work on each rank.
//
// What all ranks have is the same, so that a checkpoint is rank 0's, and another number
// of ranks may go on with it. At the beginning rank 0's state is sent to all, which
// refuse it where their configuration, data or network is another; whether all still
// have the same weights and memory is looked at after the first step and at every
// validation.
//
// # What it costs
//
// For n images a batch of d numbers, P weights, M rows of memory and p ranks, a step sends
// each rank
//
//	4·n·d bytes   of embeddings, in one all-gather
//	8·P bytes     of gradients, in buckets of 4 MiB while the backward pass goes on
//	16·C bytes    with SyncBN, for each normalisation of C channels and each pass
//	8·B bytes     else, for the B running statistics, at the end
//
// and every rank keeps 4·d+24 bytes a row of the whole memory, and weighs all n·M pairs:
// the loss against the memory is not shared out. Two ranks of one machine, two busy cores:
// an all-gather of 64×128 takes 15 µs, the statistics of 64 channels 13 µs, a sum of
// gradients 2.8 ns a number (make test-mpi has the program: XBM_MPI_COSTS). A pair of 128
// numbers takes 5 to 23 ns of two cores, by the loss.
//
// From that, on paper, 1,000 ranks with 32 images each, ResNet-50 (25.6 million weights, 53
// normalisations), 60,000 rows, a network of 10 Gbit/s and 5 µs a message: 13 ms for the
// embeddings; 165 ms of bytes and 250 ms of messages for the gradients, beside the backward
// pass; with SyncBN a second, nearly all of it messages, so that statistics are better
// the rank's own; and 10 to 44 s for 1.9 thousand million pairs on two cores, half a second
// to three on thirty-two. Past some tens of ranks it is that which a step is made of: 16
// ranks with 64 images have 0.3 to 1.4 s of it on two cores. More ranks want a smaller
// memory, or one whose loss is shared out, which this is not. A memory of 100 million rows
// takes 54 GB on every rank.
//
// # Errors
//
// An error of Train that is a [ranks.Shared] one has ended all ranks, of others they know
// nothing: call Comm.Abort.
type Comm = ranks.Comm

// Splitter is an Encoder that can train on a part of a batch, with the rest elsewhere.
// Others train so, too, if they leave nothing to chance, but not with SyncBN.
type Splitter interface {
	// Split says that Train and Forward get the images first, first+stride, … of a batch.
	// sum, if not nil, stores in x its sums over all parts: by it the statistics of batch
	// normalisation are the whole batch's. ready may be called in Train, where not nil,
	// as soon as the gradient of the i-th array of State is what it will be.
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
