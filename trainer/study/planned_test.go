package study

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crossbatch/trainer/study/claim"
)

// Another plan does not take the place of one by which a process is at work, nor does it
// change the study. Claims that cannot be read are an error.
func TestAPlanAtWorkStays(t *testing.T) {
	t.Parallel()
	grid := gridOfNumbers(t)
	r := Runner{Dir: filepath.Join(t.TempDir(), "study")}
	if _, err := r.PlanGrid(t.Context(), grid); err != nil {
		t.Fatal(err)
	}
	study, err := os.ReadFile(filepath.Join(r.Dir, File))
	if err != nil {
		t.Fatal(err)
	}
	held, err := r.claims().Take("cell", 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.PlanGrid(t.Context(), grid); err != nil {
		t.Errorf("the same plan: %v", err)
	}
	grid.Seeds++
	if _, err := r.PlanGrid(t.Context(), grid); err == nil || !strings.HasSuffix(err.Error(), " is at work on cell by the plan that is there, and this is another: wait until it has ended") {
		t.Errorf("%v", err)
	}
	if now, err := os.ReadFile(filepath.Join(r.Dir, File)); err != nil || !bytes.Equal(now, study) {
		t.Errorf("the study was changed to %s, %v", now, err)
	}
	if err := errors.Join(held.Release(claim.Free, ""), os.Symlink("nowhere", filepath.Join(r.Dir, claimsFolder, "cell", "2"))); err != nil {
		t.Fatal(err)
	}
	if _, err := r.PlanGrid(t.Context(), grid); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestArrayCell(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		variable, value string
		want            int
	}{
		{"SLURM_ARRAY_TASK_ID", "3", 3}, {"PBS_ARRAY_INDEX", "3", 3}, {"SGE_TASK_ID", "3", 3},
		{"JOB_COMPLETION_INDEX", "0", 1}, {"AWS_BATCH_JOB_ARRAY_INDEX", "7", 8},
	} {
		got, err := ArrayCell(func(key string) string { return map[string]string{c.variable: c.value}[key] })
		if err != nil || got != c.want {
			t.Errorf("%s=%s is cell %d, %v", c.variable, c.value, got, err)
		}
	}
	for value, want := range map[string]string{"undefined": "no scheduler's array is at work here", "x": "SGE_TASK_ID is \"x\""} {
		_, err := ArrayCell(func(key string) string { return map[string]string{"SGE_TASK_ID": value}[key] })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v", err)
		}
	}
}
