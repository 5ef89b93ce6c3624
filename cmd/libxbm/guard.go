package main

// #include "preamble.h"
import "C"

import (
	"errors"
	"fmt"
	"math"
	"runtime/cgo"
	"runtime/debug"
	"unsafe"

	"crossbatch/xbm"
)

// guard runs what an export does. Whatever happens, it returns a code, and what was
// wrong in e: a panic that left Go would end the caller's process.
func guard(e *C.xbm_error, do func() error) (code C.int32_t) {
	defer func() {
		if p := recover(); p != nil {
			code = tell(e, C.XBM_INTERNAL, fmt.Sprintf("libxbm: internal: %v\n%s", p, debug.Stack()))
		}
	}()
	err := do()
	if err == nil {
		return C.XBM_OK
	}
	return tell(e, codeOf(err), err.Error())
}

func codeOf(err error) C.int32_t {
	switch {
	case errors.Is(err, errHandle):
		return C.XBM_HANDLE
	case errors.Is(err, xbm.ErrDiverged):
		return C.XBM_DIVERGED
	case errors.Is(err, xbm.ErrState):
		return C.XBM_STATE
	case errors.Is(err, xbm.ErrShape):
		return C.XBM_SHAPE
	}
	return C.XBM_INVALID
}

// tell writes an error, as much of its text as there is room for.
func tell(e *C.xbm_error, code C.int32_t, text string) C.int32_t {
	if e == nil {
		return code
	}
	e.code = code
	message := unsafe.Slice((*byte)(unsafe.Pointer(&e.message[0])), len(e.message))
	n := copy(message[:len(message)-1], text)
	message[n] = 0
	return code
}

var errHandle = errors.New("the handle is none, or was freed")

// held is what a handle stands for.
func held[T any](handle C.uint64_t) (value T, err error) {
	defer func() {
		if recover() != nil { // the handle's own check
			err = fmt.Errorf("libxbm: %w", errHandle)
		}
	}()
	value, ok := cgo.Handle(handle).Value().(T)
	if !ok {
		return value, fmt.Errorf("libxbm: %w (it is of another kind)", errHandle)
	}
	return value, nil
}

// free gives a handle back.
func free[T any](handle C.uint64_t) error {
	if _, err := held[T](handle); err != nil {
		return err
	}
	cgo.Handle(handle).Delete()
	return nil
}

// text is a text of the caller's, "" for NULL.
func text(s *C.const_char) string { return C.GoString(s) }

// given refuses NULL.
func given[T any](name string, p *T) error {
	if p == nil {
		return fmt.Errorf("libxbm: %s is NULL", name)
	}
	return nil
}

// product is the size of a matrix.
func product(rows, dim C.int64_t) (C.int64_t, error) {
	if rows < 0 || dim < 0 || dim > 0 && rows > math.MaxInt64/64/dim {
		return 0, fmt.Errorf("libxbm: %d rows of %d numbers: %w", rows, dim, xbm.ErrShape)
	}
	return rows * dim, nil
}

// view is a buffer of the caller's with n elements, each read as a T; nil for NULL,
// which need refuses where there are any.
func view[T, P any](name string, p *P, n C.int64_t, need bool) ([]T, error) {
	if n < 0 || n > math.MaxInt64/64 {
		return nil, fmt.Errorf("libxbm: %d numbers of %s: %w", n, name, xbm.ErrShape)
	}
	if p == nil {
		if need && n > 0 {
			return nil, fmt.Errorf("libxbm: %s is NULL: %d numbers are needed", name, n)
		}
		return nil, nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(p)), int(n)), nil
}

// views takes several buffers: the first that is wrong is the error.
type views struct{ err error }

func viewOf[T, P any](v *views, name string, p *P, n C.int64_t, need bool) []T {
	s, err := view[T](name, p, n, need)
	if v.err == nil {
		v.err = err
	}
	return s
}

func (v *views) product(rows, dim C.int64_t) C.int64_t {
	n, err := product(rows, dim)
	if v.err == nil {
		v.err = err
	}
	return n
}
