package main

// #include <stdlib.h>
// #include "preamble.h"
import "C"

import (
	"encoding/json"
	"runtime"
	"strings"
	"unsafe"
)

//export xbm_abi_version
func xbm_abi_version() C.uint32_t { return C.XBM_ABI_VERSION }

//export xbm_threads
func xbm_threads(threads C.int32_t) C.int32_t {
	return C.int32_t(runtime.GOMAXPROCS(max(0, int(threads))))
}

//export xbm_names
func xbm_names(kind *C.const_char, out **C.char, e *C.xbm_error) C.int32_t {
	return guard(e, func() error {
		if err := given("names", out); err != nil {
			return err
		}
		list, err := names(text(kind))
		if err == nil {
			*out = C.CString(strings.Join(list, "\n"))
		}
		return err
	})
}

//export xbm_free
func xbm_free(pointer unsafe.Pointer) { C.free(pointer) }

// give hands over a value in JSON.
func give(out **C.char, value any) error {
	if err := given("json", out); err != nil {
		return err
	}
	b, err := json.Marshal(value)
	if err == nil {
		*out = C.CString(string(b))
	}
	return err
}
