package encoder

import (
	"errors"

	"crossbatch/xbm/internal/cuda"
)

// Fetch stores outside what the device has newer: the parameters, the buffers, and the
// gradients. It moves nothing where there is nothing newer.
func (e *Encoder) Fetch() error {
	t := e.training
	if t == nil || !t.isAhead && !t.gradientsAreNew {
		return nil
	}
	return e.context.Do(func(thread cuda.Thread) error {
		for _, w := range t.trained {
			if t.isAhead {
				if err := t.fetch(thread, t.arrays[w.parameter], &w.buffer, w.layout); err != nil {
					return err
				}
			}
			if t.gradientsAreNew {
				if err := t.fetch(thread, t.grads[w.parameter], &w.gradient, w.layout); err != nil {
					return err
				}
			}
		}
		for _, w := range t.moving {
			if err := t.fetch(thread, t.arrays[w.of[0]], &w.buffer, vector(len(t.arrays[w.of[0]]))); err != nil {
				return err
			}
		}
		t.isAhead, t.gradientsAreNew = false, false
		return nil
	})
}

// fetch stores in dst what lies in a buffer by a layout.
func (t *training) fetch(thread cuda.Thread, dst []float32, from *buffer, l layout) error {
	row := make([]float32, l.size())
	if err := errors.Join(thread.Download(row, from), thread.Wait()); err != nil {
		return err
	}
	l.get(dst, row)
	return nil
}

// Touch says that parameters outside may have been changed, after Fetch: the next step brings
// those to the device.
func (e *Encoder) Touch() {
	if e.training != nil {
		e.training.touched = true
	}
}

// Finite reports whether all gradients, and the buffers, are finite numbers.
func (e *Encoder) Finite() (finite bool, err error) {
	t, count := e.training, []int32{0}
	err = e.context.Do(func(thread cuda.Thread) error {
		r := t.run(thread, e.precision, 0)
		if err := errors.Join(r.Room(&t.bad, "a count", 4), r.UploadInts(&t.bad, count)); err != nil {
			return err
		}
		look := func(b *buffer, n int) error {
			return r.each("count_bad", n, func(n int) []any { return []any{&t.bad, b, n} })
		}
		for _, w := range t.trained {
			if err := look(&w.gradient, w.layout.size()); err != nil {
				return err
			}
		}
		for _, w := range t.moving {
			if err := look(&w.buffer, w.size); err != nil {
				return err
			}
		}
		return errors.Join(r.DownloadInts(count, &t.bad), r.Wait())
	})
	return count[0] == 0, err
}
