package trainer

import "crossbatch/xbm/pair"

// Inspection is the metric of a look at the weights of all pairs of a step.
type Inspection struct {
	Step   int64         `json:"step"`
	Batch  *pair.Weights `json:"batch_weights,omitempty"`  // of the term within the batch
	Memory *pair.Weights `json:"memory_weights,omitempty"` // of the term against the memory
	// FromMemory is how much of the gradient comes from rows of past batches: of
	// the lengths of both terms' gradients the memory's share, or, where the batch
	// is part of the memory, the share of the weights on older rows.
	FromMemory float64 `json:"from_memory"`
}

// of is what a term is to fill: nothing if there is no inspection.
func (n *Inspection) of() *pair.Inspection {
	if n == nil {
		return nil
	}
	return &pair.Inspection{}
}

func (n *Inspection) batch(found *pair.Inspection) {
	if n != nil {
		w := found.Weights()
		n.Batch = &w
	}
}

func (n *Inspection) memory(found *pair.Inspection, metric *Step) {
	if n == nil {
		return
	}
	w := found.Weights()
	n.Memory = &w
	if metric.Batch == nil {
		n.FromMemory = w.Old
	} else if both := metric.Batch.Gradient + metric.Memory.Gradient; both > 0 {
		n.FromMemory = metric.Memory.Gradient / both
	}
}
