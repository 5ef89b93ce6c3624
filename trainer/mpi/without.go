//go:build !mpi

package mpi

import (
	"fmt"

	"crossbatch/trainer/ranks"
)

// Built tells whether the program is built with MPI.
const Built = false

// World is the [ranks.Comm] that Open returns. Without MPI there is none.
type World struct{ ranks.Comm }

// Open returns nil in a process that was started alone. In one of several it returns an error,
// because this program is built without MPI.
func Open() (*World, error) {
	if n, by := Launched(); n > 1 {
		return nil, fmt.Errorf("mpi: one of %d processes (%s), and this program is built without MPI: build it with make build-mpi, or start one process", n, by)
	}
	return nil, nil
}

// Close does nothing. It may be called on nil.
func (w *World) Close() error { return nil }
