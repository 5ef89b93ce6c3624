package main

// #include "preamble.h"
import "C"

import (
	"fmt"
	"runtime/cgo"
	"unsafe"

	"crossbatch/xbm"
)

//export xbm_memory_new
func xbm_memory_new(c *C.const_memory_config, out *C.xbm_memory, e *C.xbm_error) C.int32_t {
	return guard(e, func() error {
		if err := given("config", c); err != nil {
			return err
		}
		if err := given("memory", out); err != nil {
			return err
		}
		m, err := memoryConfig{
			capacity: int64(c.capacity), dim: int64(c.dim), policy: text(c.policy), cure: text(c.cure),
			maxAge: int64(c.max_age), seed: uint64(c.seed), half: c.half != 0,
		}.new()
		if err == nil {
			*out = C.xbm_memory(cgo.NewHandle(m))
		}
		return err
	})
}

//export xbm_memory_free
func xbm_memory_free(handle C.xbm_memory, e *C.xbm_error) C.int32_t {
	return guard(e, func() error { return free[*memory](handle) })
}

// withMemory has do run on a memory while no other call does.
func withMemory(handle C.xbm_memory, e *C.xbm_error, do func(*memory) error) C.int32_t {
	return guard(e, func() error {
		m, err := held[*memory](handle)
		if err != nil {
			return err
		}
		m.Lock()
		defer m.Unlock()
		return do(m)
	})
}

//export xbm_memory_get_info
func xbm_memory_get_info(handle C.xbm_memory, out *C.xbm_memory_info, e *C.xbm_error) C.int32_t {
	return withMemory(handle, e, func(m *memory) error {
		if err := given("info", out); err != nil {
			return err
		}
		*out = C.xbm_memory_info{
			capacity: C.int64_t(m.Cap()), dim: C.int64_t(m.Dim()), length: C.int64_t(m.Len()),
			total: C.int64_t(m.Total()), next: C.int64_t(m.Next()), bits: 32,
		}
		if m.Halves() != nil {
			out.bits = 16
		}
		return nil
	})
}

//export xbm_memory_read
func xbm_memory_read(handle C.xbm_memory, rows *C.float, labels *C.int32_t, ids, births *C.int64_t, room C.int64_t, e *C.xbm_error) C.int32_t {
	return withMemory(handle, e, func(m *memory) error {
		n := C.int64_t(m.Len())
		if room < n {
			return fmt.Errorf("libxbm: room for %d rows of %d: %w", room, n, xbm.ErrShape)
		}
		var v views
		dst := viewOf[float32](&v, "rows", rows, v.product(n, C.int64_t(m.Dim())), false)
		copy(viewOf[int32](&v, "labels", labels, n, false), m.Labels())
		copy(viewOf[int64](&v, "ids", ids, n, false), m.IDs())
		copy(viewOf[int64](&v, "births", births, n, false), m.Births())
		if dst != nil {
			m.AppendRows(dst[:0])
		}
		return v.err
	})
}

//export xbm_memory_reset
func xbm_memory_reset(handle C.xbm_memory, e *C.xbm_error) C.int32_t {
	return withMemory(handle, e, func(m *memory) error {
		m.Reset()
		return nil
	})
}

//export xbm_memory_expire
func xbm_memory_expire(handle C.xbm_memory, step C.int64_t, e *C.xbm_error) C.int32_t {
	return withMemory(handle, e, func(m *memory) error {
		m.Expire(int64(step))
		return nil
	})
}

//export xbm_memory_compensate
func xbm_memory_compensate(handle C.xbm_memory, cure *C.const_char, before, now *C.const_float, probes, from, to C.int64_t, e *C.xbm_error) C.int32_t {
	return withMemory(handle, e, func(m *memory) error {
		var v views
		n := v.product(probes, C.int64_t(m.Dim()))
		was, is := viewOf[float32](&v, "before", before, n, true), viewOf[float32](&v, "now", now, n, true)
		if v.err != nil {
			return v.err
		}
		return m.compensate(text(cure), was, is, int64(from), int64(to))
	})
}

//export xbm_memory_save
func xbm_memory_save(handle C.xbm_memory, state unsafe.Pointer, room C.int64_t, size *C.int64_t, e *C.xbm_error) C.int32_t {
	return withMemory(handle, e, func(m *memory) error {
		if err := given("size", size); err != nil {
			return err
		}
		if state == nil {
			*size = C.int64_t(m.stateRoom())
			return nil
		}
		dst, err := view[byte]("state", (*byte)(state), room, true)
		if err != nil {
			return err
		}
		n, err := m.save(dst)
		if err == nil {
			*size = C.int64_t(n)
		}
		return err
	})
}

//export xbm_memory_load
func xbm_memory_load(handle C.xbm_memory, state *C.const_void, size C.int64_t, e *C.xbm_error) C.int32_t {
	return withMemory(handle, e, func(m *memory) error {
		data, err := view[byte]("state", (*byte)(unsafe.Pointer(state)), size, true)
		if err != nil {
			return err
		}
		return m.UnmarshalBinary(data)
	})
}
