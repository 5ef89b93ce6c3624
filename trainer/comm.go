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
