//go:build !mpi

package mpi

import (
	"fmt"

	"crossbatch/trainer/ranks"
)

// Built tells whether MPI is built in.
const Built = false

// World is what Open returns: never one, without MPI.
type World struct{ ranks.Comm }

// Open returns nil for a process that is alone, and an error for one of several.
func Open() (*World, error) {
	if n, by := Launched(); n > 1 {
		return nil, fmt.Errorf("mpi: one of %d processes (%s), and this program is built without MPI: build it with make build-mpi, or start one process", n, by)
	}
	return nil, nil
}

// Close does nothing.
func (w *World) Close() error { return nil }
