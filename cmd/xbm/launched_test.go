package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A study in one of several processes that a launcher has started is refused before any
// work; a batch script's one process, a step of one task, and a cell are not.
func TestAStudyOfSeveralProcessesIsRefused(t *testing.T) {
	launchers := []string{"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"}
	for _, name := range launchers {
		t.Setenv(name, "")
	}
	dir := filepath.Join(t.TempDir(), "study")
	try := func(args ...string) (string, int) {
		var out bytes.Buffer
		code := execute(context.Background(), append([]string{"xbm"}, args...), &out, &out)
		return out.String(), code
	}
	grid := []string{"ablate", "--data", "glyphs-small", "--width", "4", "--dim", "8", "--memory", "0,60", "--batch", "16", "--seeds", "1", "--steps", "2", "--out", dir}
	for _, args := range [][]string{
		grid, append(grid[:len(grid):len(grid)], "--tune", "lr=1e-4..1e-2:2"), append(grid[:len(grid):len(grid)], "--dry-run"),
		append(grid[:len(grid):len(grid)], "--plan"), {"protocol", "--data", "glyphs-small", "--out", dir},
	} {
		for _, name := range launchers[:3] {
			t.Setenv(name, "4")
			out, code := try(args...)
			if code != 1 || !strings.Contains(out, "one of 4 processes ("+name+" is 4)") || !strings.Contains(out, "--jobs") {
				t.Errorf("%s=4 %v: code %d: %s", name, args, code, out)
			}
			t.Setenv(name, "")
		}
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("there is a study: %v", err)
	}
	t.Setenv("SLURM_NTASKS", "4")
	t.Setenv("SLURM_STEP_NUM_TASKS", "1")
	if out, code := try(append(grid, "--plan")...); code != 0 {
		t.Fatalf("one process of a job of four tasks: %s", out)
	}
	t.Setenv("SLURM_STEP_NUM_TASKS", "4")
	if out, code := try("ablate", "--out", dir, "--cell", "1"); code != 0 {
		t.Errorf("a cell in each of four tasks: %s", out)
	}
	if out, code := try("ablate", "--status", dir); code != 0 || !strings.Contains(out, "complete") {
		t.Errorf("status: %s", out)
	}
}
