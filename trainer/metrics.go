package trainer

import (
	"time"

	"crossbatch/eval"
)

// Step is the metric of one step.
type Step struct {
	Step   int64   `json:"step"` // from 0
	LR     float64 `json:"lr"`
	Batch  *TermOf `json:"batch,omitempty"`  // the loss within the batch, or to class weights
	Memory *TermOf `json:"memory,omitempty"` // the loss against the memory
	Rows   int     `json:"memory_rows"`      // rows that the memory held after the step
	// KeyMomentum is what the momentum encoder's weights kept of themselves after
	// this step; nil: there is none.
	KeyMomentum *float64 `json:"key_momentum,omitempty"`

	Skipped string `json:"skipped,omitempty"` // why the batch was left out
}

// TermOf is the metric of one term of the loss.
type TermOf struct {
	Loss            float64 `json:"loss"`
	Gradient        float64 `json:"gradient"` // length of its part of ∂L/∂embeddings
	Positives       int     `json:"positives"`
	ActivePositives int     `json:"active_positives"`
	Negatives       int     `json:"negatives"`
	ActiveNegatives int     `json:"active_negatives"`
	Copies          int     `json:"copies,omitempty"` // pairs with older copies of the same image, left out unless keep-copies
}

// Validation is the metric of one look at the validation classes.
type Validation struct {
	Step       int64       `json:"step"` // steps done
	Validation eval.Scores `json:"validation"`
	Best       bool        `json:"best"` // better than all before
}

// Progress is how far a training is.
type Progress struct {
	Last    Step          // the step just done
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
