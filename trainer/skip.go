package trainer

import (
	"errors"
	"fmt"

	"go.uber.org/zap"

	"crossbatch/eval/event"
)

// maxSkipped is how many batches in a row are left out before the training ends:
// it has nothing to learn from any more.
const maxSkipped = 100

// undo is what a step changes before it is known whether the batch is bad: the
// network's buffers, the memory, and the random generators of the miners.
type undo struct {
	buffers    [][]float32
	memory     []byte
	generators [][]byte
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
	u.generators = u.generators[:0]
	for _, source := range t.terms.generators() {
		state, err := source.MarshalBinary()
		if err != nil {
			return err
		}
		u.generators = append(u.generators, state)
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
	for i, source := range t.terms.generators() {
		if err := source.UnmarshalBinary(u.generators[i]); err != nil {
			return err
		}
	}
	return nil
}

// arm keeps what a bad batch would spoil, if it is to be left out.
func (t *Training) arm(*pass) error {
	if !t.Config.SkipBadBatches {
		return nil
	}
	return t.undo.take(t)
}

// guard looks at what the passes left: a number that is not finite ends the training,
// or the batch is left out.
func (t *Training) guard(p *pass) error {
	err := p.failed
	if err == nil {
		err = t.finiteGradients(p.metric.Step)
	}
	if bad := (*Diverged)(nil); t.Config.SkipBadBatches && errors.As(err, &bad) {
		return t.skip(p, bad)
	}
	if err == nil {
		t.counts.skippedInARow = 0
	}
	return err
}

// skip leaves a batch out, as if it had never been, but that its number is gone.
func (t *Training) skip(p *pass, bad *Diverged) error {
	if err := t.undo.back(t); err != nil {
		return err
	}
	// Bad weights make every batch bad.
	if err := t.finiteWeights(p.metric.Step); err != nil {
		return err
	}
	t.counts.skipped++
	if t.counts.skippedInARow++; t.counts.skippedInARow >= maxSkipped {
		return t.team.alike(fmt.Errorf("%d batches in a row were bad, the last because %s: the training has diverged: lower the learning rate", t.counts.skippedInARow, bad.why()))
	}
	rows := 0
	if t.terms.memory != nil {
		rows = t.terms.memory.Memory.Len()
	}
	if t.Log != nil && t.counts.skippedInARow == 1 {
		t.Log.Warn("batch skipped", zap.Int64("step", p.metric.Step), zap.String("because", bad.why()), zap.Int64("skipped", t.counts.skipped))
	}
	p.metric = event.Step{Step: p.metric.Step, LR: p.metric.LR, Rows: rows, Skipped: bad.why()}
	p.skipped = true
	return nil
}
