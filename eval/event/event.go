// Package event is what a training says of itself while it goes on: each kind of thing
// that may happen has a type. The trainer emits them, eval/record writes and reads them
// as lines of metrics.jsonl, and eval/report makes figures of them; all use these types
// as they are.
//
// Events hold no times: one configuration gives the same events always.
package event

import (
	"crossbatch/eval"
	"crossbatch/eval/drift"
	"crossbatch/xbm/pair"
)

// Event is one of [Step], [Validation], [Inspection], [Drift], [Direction], [MemoryStart] and [Collapse],
// as a value.
type Event interface {
	// At is the step that the event is of, from 0; of a validation, the steps done.
	At() int64
	// key is the one that tells the kind of a line, see Parse.
	key() string
}

// Step is one step of training.
type Step struct {
	Step   int64   `json:"step"` // from 0
	LR     float64 `json:"lr"`
	Batch  *Term   `json:"batch,omitempty"`  // the loss within the batch, or to class weights
	Memory *Term   `json:"memory,omitempty"` // the loss against the memory
	Rows   int     `json:"memory_rows"`      // rows that the memory held after the step
	// KeyMomentum is what the momentum encoder's weights kept of themselves after
	// this step; nil: there is none.
	KeyMomentum *float64 `json:"key_momentum,omitempty"`

	Skipped string `json:"skipped,omitempty"` // why the batch was left out
}

// Term is one term of the loss at one step.
type Term struct {
	Loss            float64 `json:"loss"`
	Gradient        float64 `json:"gradient"` // length of its part of ∂L/∂embeddings
	Positives       int     `json:"positives"`
	ActivePositives int     `json:"active_positives"`
	Negatives       int     `json:"negatives"`
	ActiveNegatives int     `json:"active_negatives"`
	Copies          int     `json:"copies,omitempty"` // pairs with older copies of the same image, left out unless keep-copies
}

// Validation is one look at the validation classes.
type Validation struct {
	Step       int64       `json:"step"` // steps done
	Validation eval.Scores `json:"validation"`
	Best       bool        `json:"best"` // better than all before
}

// Inspection is one look at the weights of all pairs of a step.
type Inspection struct {
	Step   int64         `json:"step"`
	Batch  *pair.Weights `json:"batch_weights,omitempty"`  // of the term within the batch
	Memory *pair.Weights `json:"memory_weights,omitempty"` // of the term against the memory
	// FromMemory is how much of the gradient comes from rows of past batches: of
	// the lengths of both terms' gradients the memory's share, or, where the batch
	// is part of the memory, the share of the weights on older rows.
	FromMemory float64 `json:"from_memory"`
}

// Drift is one look at how far the network has moved, and at what that does to the
// memory. All embeddings are unit rows, so squared changes and errors are from 0 to 4.
// Images are embedded anew as they are, in evaluation mode, and a row of the memory was
// embedded in training mode: of its error, what is there at age 0 is no drift.
type Drift struct {
	Step  int64       `json:"step"` // the look was before this step's training
	Drift []DriftOver `json:"drift,omitempty"`
	// MemoryError is the mean squared error of the memory's rows, by age.
	MemoryError []drift.AgeError `json:"memory_error,omitempty"`
	// GradientError is ‖g-g*‖/‖g*‖ of the memory term's gradient g with respect to
	// this step's embeddings, where g* is the one with every row embedded anew;
	// GradientCosine is the cosine between the two.
	GradientError  *float64 `json:"gradient_error,omitempty"`
	GradientCosine *float64 `json:"gradient_cosine,omitempty"`
}

// Direction is one look at where the gradient of a step points: the gradient with
// respect to the batch's embeddings, beside that of the memory's loss against the whole
// training set, embedded anew in evaluation mode, an anchor's own image left out.
type Direction struct {
	Step      int64   `json:"step"`
	Direction Cosines `json:"direction"`
}

// Cosines are those between gradients and the whole training set's, from -1 to 1, with
// what the memory had to do with them. What is nil was not there, or has no direction.
type Cosines struct {
	All    float64  `json:"all"`              // of the whole gradient
	Batch  *float64 `json:"batch,omitempty"`  // of the term within the batch, where there is one against the memory too
	Memory *float64 `json:"memory,omitempty"` // of the term against the memory, with its weight
	// FromMemory is, of the lengths of both terms' gradients, the memory's share.
	FromMemory *float64 `json:"from_memory,omitempty"`
	// WithPositives is the share of the anchors that have a positive in the memory.
	WithPositives *float64 `json:"with_positives,omitempty"`
}

// DriftOver is the drift over a number of steps: the mean of ‖f(x;θ at the step) -
// f(x;θ so many steps before)‖² over a sample of the training images.
type DriftOver struct {
	Delta int64   `json:"delta"`
	Value float64 `json:"value"`
}

// MemoryStart is a start of the memory that drift has decided.
type MemoryStart struct {
	Step   int64     `json:"step"`
	Starts DriftOver `json:"memory_starts"` // the drift that was under the threshold
}

// Collapse is a batch whose embeddings are all alike: such a network retrieves nothing,
// and its losses can hardly tell it how to separate them. It is emitted once.
type Collapse struct {
	Step   int64   `json:"step"`
	Spread float64 `json:"collapsed"` // 1-‖mean of the unit embeddings‖²: 1 minus their mean similarity
}

// At implements Event.
func (e Step) At() int64 { return e.Step }

// At implements Event.
func (e Validation) At() int64 { return e.Step }

// At implements Event.
func (e Inspection) At() int64 { return e.Step }

// At implements Event.
func (e Drift) At() int64 { return e.Step }

// At implements Event.
func (e Direction) At() int64 { return e.Step }

// At implements Event.
func (e MemoryStart) At() int64 { return e.Step }

// At implements Event.
func (e Collapse) At() int64 { return e.Step }

func (Step) key() string        { return "lr" }
func (Validation) key() string  { return "validation" }
func (Inspection) key() string  { return "from_memory" }
func (MemoryStart) key() string { return "memory_starts" }
func (Direction) key() string   { return "direction" }
func (Collapse) key() string    { return "collapsed" }
func (Drift) key() string       { return "" } // any other
