package encoder

import (
	"fmt"

	"crossbatch/xbm/internal/cuda"
)

// Update is what an optimizer's step does to a parameter: see trainer/optim.Step, whose
// fields these are.
type Update struct {
	Kind                            string
	Shrink, Decay, Rate, Scale      float64
	Beta1, Beta2, Epsilon, Momentum float64
}

// Update moves a parameter, by its number, against the gradient of the last step.
func (e *Encoder) Update(parameter int, u Update) error {
	w, err := e.training.find(parameter)
	if err != nil {
		return err
	}
	return e.context.Do(func(thread cuda.Thread) error {
		r := e.training.run(thread, e.precision, 0)
		slots := map[string]int{"adam": 2, "rmsprop": 1, "sgd": 0}[u.Kind]
		if u.Kind != "adam" && u.Momentum > 0 {
			slots++
		}
		remembered := [2]*buffer{}
		for k := range slots {
			if err := w.remember(thread, k); err != nil {
				return err
			}
			remembered[k] = &w.slots[k]
		}
		e.training.isAhead = true
		value, gradient, first, second := &w.buffer, &w.gradient, remembered[0], remembered[1]
		return r.each(u.Kind, w.layout.size(), func(n int) []any {
			switch u.Kind {
			case "adam":
				return []any{value, gradient, first, second, n, u.Shrink, u.Decay, u.Rate, u.Scale, u.Beta1, u.Beta2, u.Epsilon}
			case "rmsprop":
				return []any{value, gradient, first, second, n, u.Shrink, u.Decay, u.Rate, u.Momentum, u.Beta2, u.Epsilon}
			}
			return []any{value, gradient, first, n, u.Shrink, u.Decay, u.Rate, u.Momentum}
		})
	})
}

// remember makes room for a slot: zeros, where there was none.
func (w *trained) remember(thread cuda.Thread, k int) error {
	if w.held[k] {
		return nil
	}
	return w.set(thread, k, make([]float32, w.layout.size()))
}

func (w *trained) set(thread cuda.Thread, k int, row []float32) error {
	if err := thread.Room(&w.slots[k], "what the optimizer remembers", 4*len(row)); err != nil {
		return err
	}
	w.held[k] = true
	return thread.Upload(&w.slots[k], row)
}

// Slot stores in dst what an optimizer remembers of a parameter, number k of it; it reports
// whether there is any.
func (e *Encoder) Slot(parameter, k int, dst []float32) (has bool, err error) {
	w, err := e.training.find(parameter)
	if err != nil || !w.held[k] {
		return false, err
	}
	return true, e.context.Do(func(thread cuda.Thread) error { return e.training.fetch(thread, dst, &w.slots[k], w.layout) })
}

// SetSlot is Slot the other way.
func (e *Encoder) SetSlot(parameter, k int, x []float32) error {
	w, err := e.training.find(parameter)
	if err != nil {
		return err
	}
	row := make([]float32, w.layout.size())
	w.put(row, x, nil, nil)
	return e.context.Do(func(thread cuda.Thread) error { return w.set(thread, k, row) })
}

// find is a trained parameter by its number.
func (t *training) find(parameter int) (*trained, error) {
	for _, w := range t.trained {
		if w.parameter == parameter {
			return w, nil
		}
	}
	return nil, fmt.Errorf("parameter %d is not trained here", parameter)
}
