// Command libxbm is the memory and the scores as a C library, for trainers that
// are not written in Go. It is built as a library and not run:
//
//	go build -buildmode=c-shared -o libxbm.so ./cmd/libxbm
//	go build -buildmode=c-archive -o libxbm.a ./cmd/libxbm
//
// The interface is xbm.h, an example is in example, and the package for Python on
// top of it in python. What needs a C compiler is left out where there is none.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "libxbm is a library: build it by\n\tgo build -buildmode=c-shared -o libxbm.so ./cmd/libxbm")
	os.Exit(2)
}
