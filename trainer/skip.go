package trainer

import (
	"errors"
	"fmt"

	"go.uber.org/zap"
)

// maxSkipped is how many batches in a row are left out before the training ends:
// it has nothing to learn from any more.
const maxSkipped = 100

// undo is what a step changes before it is known whether the batch is bad: the
// network's buffers, the memory, and the chance of the miners.
type undo struct {
	buffers [][]float32
	memory  []byte
	chance  [][]byte
}

// take notes how all is before a step.
func (u *undo) take(t *Training) (err error) {
	i := 0
	t.Encoder.State(func(_ string, _ []int, value, grad []float32) {
		if grad != nil {
			return
		}
		if i == len(u.buffers) {
			u.buffers = append(u.buffers, nil)
		}
		u.buffers[i] = append(u.buffers[i][:0], value...)
		i++
	})
	if t.terms.memory != nil {
		if u.memory, err = t.terms.memory.Memory.AppendBinary(u.memory[:0]); err != nil {
			return err
		}
	}
	u.chance = u.chance[:0]
	for _, source := range t.terms.chance() {
		state, err := source.MarshalBinary()
		if err != nil {
			return err
		}
		u.chance = append(u.chance, state)
	}
	return nil
}

// back makes all as it was.
func (u *undo) back(t *Training) error {
	i := 0
	t.Encoder.State(func(_ string, _ []int, value, grad []float32) {
		if grad == nil {
			copy(value, u.buffers[i])
			i++
		}
	})
	if t.terms.memory != nil {
		if err := t.terms.memory.Memory.UnmarshalBinary(u.memory); err != nil {
			return err
		}
	}
	for i, source := range t.terms.chance() {
		if err := source.UnmarshalBinary(u.chance[i]); err != nil {
			return err
		}
	}
	return nil
}

// skip leaves a batch out, as if it had never been, but that its number is gone.
func (t *Training) skip(bad *Diverged, metric Step) (Step, error) {
	if err := t.undo.back(t); err != nil {
		return metric, err
	}
	// Bad weights make every batch bad.
	if err := t.finiteWeights(metric.Step); err != nil {
		return metric, err
	}
	t.skipped++
	if t.skippedInARow++; t.skippedInARow >= maxSkipped {
		return metric, fmt.Errorf("%d batches in a row were bad, the last because %s: the training has diverged: lower the learning rate", t.skippedInARow, bad.why())
	}
	rows := 0
	if t.terms.memory != nil {
		rows = t.terms.memory.Memory.Len()
	}
	if t.Log != nil && t.skippedInARow == 1 {
		t.Log.Warn("batch skipped", zap.Int64("step", metric.Step), zap.String("because", bad.why()), zap.Int64("skipped", t.skipped))
	}
	return Step{Step: metric.Step, LR: metric.LR, Rows: rows, Skipped: bad.why()}, nil
}

// isBad returns why a batch is to be left out, nil if it is not.
func (t *Training) isBad(err error) *Diverged {
	var bad *Diverged
	if t.Config.SkipBadBatches && errors.As(err, &bad) {
		return bad
	}
	return nil
}
