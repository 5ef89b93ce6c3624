// Package mpi connects the ranks of a training over MPI.
//
// It needs an MPI library, and is built with it only on request: with the build tag mpi, cgo,
// and the compiler wrapper of the library, which knows its headers:
//
//	CGO_ENABLED=1 CC=mpicc go build -tags mpi ./cmd/xbm
//
// Built without the tag, the package uses neither MPI nor cgo. [Open] then returns an error in
// a process that a launcher has started with others: the processes would overwrite each
// other's files.
package mpi

import (
	"fmt"
	"os"
	"strconv"
)

// launchers are the variables by which a launcher tells a process how many it has
// started. srun sets SLURM_STEP_NUM_TASKS; SLURM_NTASKS is also that of a batch script,
// which runs once.
func launchers() []string {
	return []string{"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_SIZE", "MV2_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS"}
}

// Launched returns the number of processes that mpirun, srun or another launcher has started
// together, this one included; 1 without a launcher. by is the environment variable that says
// so.
func Launched() (processes int, by string) {
	for _, name := range launchers() {
		if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 1 {
			return n, name
		}
	}
	return 1, ""
}

// CheckStudy returns an error in a process that a launcher has started with others, each of
// which would make the whole of a study.
func CheckStudy() error {
	if n, by := Launched(); n > 1 {
		return fmt.Errorf("one of %d processes (%s is %[1]d), and each would make the whole study: start one process, whose --jobs make its runs; or give each process a run by --cell, or write an array by --slurm", n, by)
	}
	return nil
}
