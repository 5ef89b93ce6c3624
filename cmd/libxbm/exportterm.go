package main

// #include "preamble.h"
import "C"

import (
	"fmt"
	"runtime/cgo"
	"unsafe"

	"crossbatch/xbm"
	"crossbatch/xbm/pair"
)

// newTerm makes a term of what c says.
func newTerm(c *C.const_term_config, out *C.xbm_term, e *C.xbm_error, of func(termConfig) (*term, error)) C.int32_t {
	return guard(e, func() error {
		if err := given("config", c); err != nil {
			return err
		}
		if err := given("term", out); err != nil {
			return err
		}
		t, err := of(termConfig{
			loss: text(c.loss), miner: text(c.miner), seed: uint64(c.seed),
			weight: float64(c.weight), ageTau: float64(c.age_tau), start: int64(c.start), ramp: int64(c.ramp),
			store: int(c.store), keepCopies: c.keep_copies != 0, views: c.views != 0,
			halves: halvesOf(c),
		})
		if err == nil {
			*out = C.xbm_term(cgo.NewHandle(t))
		}
		return err
	})
}

// halvesOf are the factors of the two kinds of pairs; nil where they are not given.
func halvesOf(c *C.const_term_config) *pair.Halves {
	if c.halves == 0 {
		return nil
	}
	return &pair.Halves{Positive: float64(c.positive_weight), Negative: float64(c.negative_weight)}
}

//export xbm_in_batch_new
func xbm_in_batch_new(c *C.const_term_config, out *C.xbm_term, e *C.xbm_error) C.int32_t {
	return newTerm(c, out, e, termConfig.inBatch)
}

//export xbm_cross_batch_new
func xbm_cross_batch_new(handle C.xbm_memory, c *C.const_term_config, out *C.xbm_term, e *C.xbm_error) C.int32_t {
	return newTerm(c, out, e, func(c termConfig) (*term, error) {
		m, err := held[*memory](handle)
		if err != nil {
			return nil, err
		}
		return c.crossBatch(m)
	})
}

//export xbm_class_weights_new
func xbm_class_weights_new(c *C.const_term_config, labels *C.const_int32, count, dim C.int64_t, out *C.xbm_term, e *C.xbm_error) C.int32_t {
	return newTerm(c, out, e, func(c termConfig) (*term, error) {
		of, err := view[int32]("labels", labels, count, true)
		if err != nil {
			return nil, err
		}
		return c.classWeights(of, int64(dim))
	})
}

//export xbm_term_free
func xbm_term_free(handle C.xbm_term, e *C.xbm_error) C.int32_t {
	return guard(e, func() error { return free[*term](handle) })
}

// withTerm has do run on a term while no other call does.
func withTerm(handle C.xbm_term, e *C.xbm_error, do func(*term) error) C.int32_t {
	return guard(e, func() error {
		t, err := held[*term](handle)
		if err != nil {
			return err
		}
		t.Lock()
		defer t.Unlock()
		return do(t)
	})
}

//export xbm_term_params
func xbm_term_params(handle C.xbm_term, params *C.xbm_param, room C.int64_t, count *C.int64_t, values *C.float, e *C.xbm_error) C.int32_t {
	return withTerm(handle, e, func(t *term) error {
		if err := given("count", count); err != nil {
			return err
		}
		list := t.learned()
		var v views
		all := viewOf[C.xbm_param](&v, "params", params, room, false)
		first := viewOf[float32](&v, "values", values, C.int64_t(len(t.first)), false)
		if v.err != nil {
			return v.err
		}
		if all != nil && len(all) < len(list) {
			return fmt.Errorf("libxbm: room for %d params of %d: %w", len(all), len(list), xbm.ErrShape)
		}
		*count = C.int64_t(len(list))
		copy(first, t.first)
		for i := range min(len(all), len(list)) {
			p := C.xbm_param{rows: C.int64_t(list[i].rows), dim: C.int64_t(list[i].dim)}
			name := unsafe.Slice((*byte)(unsafe.Pointer(&p.name[0])), len(p.name))
			copy(name[:len(name)-1], list[i].name)
			all[i] = p
		}
		return nil
	})
}

// batchOf is a batch of the caller's.
func batchOf(b *C.const_batch) (xbm.Batch, error) {
	if err := given("batch", b); err != nil {
		return xbm.Batch{}, err
	}
	var v views
	n := v.product(b.rows, b.dim)
	batch := xbm.Batch{
		Embeddings: viewOf[float32](&v, "embeddings", b.embeddings, n, true),
		Keys:       viewOf[float32](&v, "keys", b.keys, n, false),
		Labels:     viewOf[int32](&v, "labels", b.labels, b.rows, true),
		IDs:        viewOf[int64](&v, "ids", b.ids, b.rows, false),
		Step:       int64(b.step),
	}
	return batch, v.err
}

//export xbm_term_add
func xbm_term_add(handle C.xbm_term, b *C.const_batch, gradient *C.float, values *C.const_float, valueGradient *C.float, out *C.xbm_summary, e *C.xbm_error) C.int32_t {
	return withTerm(handle, e, func(t *term) error {
		batch, err := batchOf(b)
		if err != nil {
			return err
		}
		var v views
		learned := C.int64_t(len(t.first))
		dEmb := viewOf[float32](&v, "gradient", gradient, C.int64_t(len(batch.Embeddings)), true)
		learnt := viewOf[float32](&v, "values", values, learned, false)
		grads := viewOf[float32](&v, "value_gradient", valueGradient, learned, false)
		if v.err != nil {
			return v.err
		}
		s, err := t.add(dEmb, batch, learnt, grads, b.read_only != 0, b.inspect != 0)
		if err == nil && out != nil {
			*out = C.xbm_summary{
				value: C.double(s.Value), positives: C.int64_t(s.Positives), negatives: C.int64_t(s.Negatives),
				active_positives: C.int64_t(s.ActivePositives), active_negatives: C.int64_t(s.ActiveNegatives), copies: C.int64_t(s.Copies),
			}
		}
		return err
	})
}

//export xbm_term_fill
func xbm_term_fill(handle C.xbm_term, b *C.const_batch, e *C.xbm_error) C.int32_t {
	return withTerm(handle, e, func(t *term) error {
		batch, err := batchOf(b)
		if err != nil {
			return err
		}
		return t.fill(batch)
	})
}

//export xbm_term_inspection
func xbm_term_inspection(handle C.xbm_term, out **C.char, e *C.xbm_error) C.int32_t {
	return withTerm(handle, e, func(t *term) error { return give(out, t.inspected.Weights()) })
}

//export xbm_term_save
func xbm_term_save(handle C.xbm_term, state unsafe.Pointer, room C.int64_t, size *C.int64_t, e *C.xbm_error) C.int32_t {
	return withTerm(handle, e, func(t *term) error {
		if err := given("size", size); err != nil {
			return err
		}
		b, err := t.source.MarshalBinary()
		if err != nil {
			return err
		}
		dst, err := view[byte]("state", (*byte)(state), room, false)
		if err == nil && dst != nil && len(dst) < len(b) {
			err = fmt.Errorf("libxbm: room for %d bytes of a state of %d: %w", len(dst), len(b), xbm.ErrShape)
		}
		if err == nil {
			copy(dst, b)
			*size = C.int64_t(len(b))
		}
		return err
	})
}

//export xbm_term_load
func xbm_term_load(handle C.xbm_term, state *C.const_void, size C.int64_t, e *C.xbm_error) C.int32_t {
	return withTerm(handle, e, func(t *term) error {
		b, err := view[byte]("state", (*byte)(unsafe.Pointer(state)), size, true)
		if err != nil {
			return err
		}
		if err := t.source.UnmarshalBinary(b); err != nil {
			return fmt.Errorf("libxbm: the state of a term: %w: %w", err, xbm.ErrState)
		}
		return nil
	})
}
