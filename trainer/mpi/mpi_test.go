//go:build !mpi

package mpi

import (
	"strings"
	"testing"
)

// clearLaunchers unsets what this process itself may have been started with.
func clearLaunchers(t *testing.T) {
	for _, name := range launchers() {
		t.Setenv(name, "")
	}
}

// Without MPI one of several processes is refused, whoever has started them; one alone is
// not, whatever its launcher.
func TestWithoutMPIOneOfSeveralLaunchedIsRefused(t *testing.T) {
	for _, name := range launchers() {
		clearLaunchers(t)
		t.Setenv(name, "4")
		_, err := Open()
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "build-mpi") {
			t.Errorf("%s=4: %v", name, err)
		}
		t.Setenv(name, "1")
		if w, err := Open(); w != nil || err != nil {
			t.Errorf("%s=1: %v, %v", name, w, err)
		}
	}
}

// A batch script of a job of four tasks is one process: Slurm says SLURM_NTASKS there, too.
func TestABatchScriptIsOneProcess(t *testing.T) {
	clearLaunchers(t)
	t.Setenv("SLURM_NTASKS", "4")
	if n, by := Launched(); n != 1 || by != "" {
		t.Errorf("%d processes, by %s", n, by)
	}
}
