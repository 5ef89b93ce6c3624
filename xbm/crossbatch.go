package xbm

import (
	"fmt"

	"crossbatch/xbm/pair"
)

// CrossBatch is the loss between the batch and a memory of past batches: the
// rows of the batch are the anchors, the rows of the memory the columns, and the
// gradient goes to the anchors alone. It needs a Memory and a Loss; the other
// fields' zero values are the paper's algorithm (section 3.3). Not safe for
// concurrent use.
type CrossBatch struct {
	Memory *Memory
	Loss   pair.Loss

	// Weight multiplies the term's gradient, not the value that is reported.
	// Default (0): 1.
	Weight float64
	// Start is the first step at which the memory is used; before it, nothing
	// is stored and the term is 0. The paper waits 1,000 steps, until the
	// network has stopped changing fast.
	Start int64
	// EnqueueLast stores the batch after the loss is taken, so that the term
	// holds no pair within the batch: for trainers that add an [InBatch] term,
	// where those pairs have their gradient on both sides. By default the batch
	// is stored first, and only each anchor's pair with its own copy is left
	// out.
	EnqueueLast bool
	// KeepCopies keeps the pairs of an anchor with older copies of the same
	// sample, as far as Batch.IDs tells of them. By default they are left out
	// and counted: they are positives that say nothing.
	KeepCopies bool

	engine pair.Engine
	unit   pair.Unit
	dUnit  []float32
	slots  []int
}

// Add computes the loss, adds its gradient to dEmb (n×dim) and stores the batch
// in the memory. After an error dEmb and the memory are as they were.
func (t *CrossBatch) Add(dEmb []float32, b Batch) (pair.Summary, error) {
	dim, err := b.dim(dEmb)
	if err != nil {
		return pair.Summary{}, err
	}
	if dim != t.Memory.Dim() {
		return pair.Summary{}, fmt.Errorf("xbm: embeddings of %d numbers for a memory of %d: %w", dim, t.Memory.Dim(), ErrShape)
	}
	if b.Step < t.Start {
		return pair.Summary{}, nil
	}
	t.unit.Set(b.Embeddings, dim)
	t.slots = sized(t.slots, len(b.Labels))
	if t.EnqueueLast {
		for i := range t.slots {
			t.slots[i] = -1
		}
	} else if err := t.enqueue(b); err != nil {
		return pair.Summary{}, err
	}
	t.dUnit = sized(t.dUnit, len(dEmb))
	summary := t.engine.Run(t.dUnit, &pair.Problem{
		Dim:     dim,
		Anchors: pair.Side{Rows: t.unit.Rows, Labels: b.Labels, IDs: b.IDs},
		Columns: pair.Side{Rows: t.Memory.Rows(), Labels: t.Memory.Labels(), IDs: t.Memory.IDs()},
		Own:     t.slots,
		SameID:  !t.KeepCopies,
	}, t.Loss)
	weight := t.Weight
	if weight == 0 {
		weight = 1
	}
	t.unit.AddGradient(dEmb, weight, t.dUnit)
	if t.EnqueueLast {
		err = t.enqueue(b)
	}
	return summary, err
}

func (t *CrossBatch) enqueue(b Batch) error {
	return t.Memory.Enqueue(t.slots, t.unit.Rows, b.Labels, b.IDs, b.Step)
}
