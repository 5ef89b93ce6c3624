package trainer

import (
	"crossbatch/xbm/pair"

	"crossbatch/eval/event"
)

// inspection is a look at the weights of all pairs of a step, while it is taken.
type inspection struct{ event.Inspection }

// of is what a term is to fill: nothing if there is no inspection.
func (n *inspection) of() *pair.Inspection {
	if n == nil {
		return nil
	}
	return &pair.Inspection{}
}

func (n *inspection) batch(found *pair.Inspection) {
	if n != nil {
		w := found.Weights()
		n.Batch = &w
	}
}

func (n *inspection) memory(found *pair.Inspection, metric *event.Step) {
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
