// Command libxbm is the memory, the losses and the scores as a C library, for
// trainers that are not written in Go. It is built as a library and not run:
//
//	go build -buildmode=c-shared -o libxbm.so ./cmd/libxbm
//	go build -buildmode=c-archive -o libxbm.a ./cmd/libxbm
//
// The interface is in xbm.h, an example in example, and a Python package on top of
// it in python. The build needs a C compiler; without one the library's functions
// are left out.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "libxbm is a library: build it by\n\tgo build -buildmode=c-shared -o libxbm.so ./cmd/libxbm")
	os.Exit(2)
}
