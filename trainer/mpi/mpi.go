// Package mpi carries the ranks of a training over MPI.
//
// It needs an MPI library, and so is built by choice: with the build tag mpi, cgo, and
// the library's compiler, which knows where its headers are, as in
//
//	CGO_ENABLED=1 CC=mpicc go build -tags mpi ./cmd/xbm
//
// Built otherwise it knows no MPI and uses no cgo, and [Open] refuses to be one of
// several processes that a launcher has started: they would write over each other.
package mpi

import (
	"os"
	"strconv"
)

// launchers are the variables by which a launcher tells a process how many it has
// started. srun sets SLURM_STEP_NUM_TASKS; SLURM_NTASKS is also that of a batch script,
// which runs once.
func launchers() []string {
	return []string{"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_SIZE", "MV2_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS"}
}

// Launched is how many processes mpirun, srun or another launcher has started, this one
// among them; 1 where none has. by is the variable that says so.
func Launched() (processes int, by string) {
	for _, name := range launchers() {
		if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 1 {
			return n, name
		}
	}
	return 1, ""
}
