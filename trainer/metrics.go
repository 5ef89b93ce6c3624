package trainer

import (
	"time"

	"crossbatch/eval"
	"crossbatch/eval/event"
)

// Progress is how far a training is.
type Progress struct {
	Last    event.Step    // the step just done
	Steps   int64         // of the whole training
	Images  int64         // trained on so far
	Elapsed time.Duration // since the first step began
}

// Result is what a training came to.
type Result struct {
	Steps      int64
	Images     int64
	Training   time.Duration // the steps alone, without scoring
	Waited     time.Duration // the part of it that went by until batches were ready
	Skipped    int64         // batches left out because of numbers that are not finite
	Before     time.Duration // that earlier processes were at it, where it was resumed
	BestStep   int64         // steps done when the validation was best; those weights are in the encoder
	Validation eval.Scores   // at BestStep
	Test       eval.Scores
	TestIndex  []int     // images that were the test
	TestEmb    []float32 // their embeddings
	MemoryRows int       // capacity of the memory
	// FalsePairs is which share of the memory's positive pairs would have been, or
	// with keep-copies were, of two embeddings of one image.
	FalsePairs float64
	// FalseNegatives is, of training without labels, how many older embeddings of its
	// own image the memory held for an anchor, on average: they were left out.
	FalseNegatives float64
}
