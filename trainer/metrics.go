package trainer

import (
	"time"

	"crossbatch/eval"
	"crossbatch/eval/event"
)

// Progress is the progress of a training.
type Progress struct {
	Last    event.Step    // the step just done
	Steps   int64         // of the whole training
	Images  int64         // trained on so far
	Elapsed time.Duration // since the first step began
}

// Result is the result of a training.
type Result struct {
	Steps      int64
	Images     int64
	Training   time.Duration // the steps alone, without scoring
	Waited     time.Duration // the part of Training that was spent waiting for batches
	Skipped    int64         // batches left out, see Config.SkipBadBatches
	Before     time.Duration // time that earlier processes spent, if the run was resumed
	BestStep   int64         // steps done at the best validation; the encoder has the weights of that step
	Validation eval.Scores   // at BestStep
	Test       eval.Scores
	TestIndex  []int     // indices of the test images in the set
	TestEmb    []float32 // their embeddings, len(TestIndex) × Dim, row-major
	MemoryRows int       // capacity of the memory
	// FalsePairs is the share of the memory's positive pairs that are two embeddings of one
	// image. They are left out of the loss, unless Config.Memory.KeepCopies keeps them.
	FalsePairs float64
	// FalseNegatives is, for training without labels, the mean number of earlier embeddings of
	// its own image that the memory held for an anchor. They are left out of the loss.
	FalseNegatives float64
}
