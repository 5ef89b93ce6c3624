package record

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestDeleteTakesARunAndNothingElse(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"a", "a/without-memory", "a/tune/trial-1", "b", "c"} {
		if err := createAt(t, filepath.Join(root, name)).Close(); err != nil {
			t.Fatal(err)
		}
	}
	put(t, "state", mkdir(t, root, "a", CheckpointFolder), "00000010.checkpoint")
	put(t, "{}", root, "a", TuneFolder, "trial-1", TrialFile)
	put(t, "{}", root, "a", TuneFolder, ChosenFile)
	put(t, "mine", root, "b", "notes.txt")
	put(t, "mine", mkdir(t, root, "b", "thesis"), "thesis.tex")

	if found, err := Find(root); err != nil || len(found) != 4 {
		t.Errorf("%v (%v): want the runs without the trial", found, err)
	}
	if kept, err := Delete(filepath.Join(root, "a")); err != nil || kept != nil {
		t.Errorf("%v stay (%v)", kept, err)
	}
	if _, err := os.Stat(filepath.Join(root, "a")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder stays: %v", err)
	}
	kept, err := Delete(filepath.Join(root, "b"))
	if want := []string{filepath.Join(root, "b", "notes.txt"), filepath.Join(root, "b", "thesis", "thesis.tex")}; err != nil || !slices.Equal(kept, want) {
		t.Errorf("%v stay (%v), want %v", kept, err, want)
	}
	if IsRun(filepath.Join(root, "b")) {
		t.Error("the run among other files is still there")
	}

	lock, err := Lock(filepath.Join(root, "c"))
	if err != nil {
		t.Fatal(err)
	}
	if !Busy(filepath.Join(root, "c")) {
		t.Error("a locked run is not busy")
	}
	if _, err := Delete(filepath.Join(root, "c")); !errors.Is(err, ErrLocked) || !IsRun(filepath.Join(root, "c")) {
		t.Errorf("a locked run: %v", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if Busy(filepath.Join(root, "c")) || Busy(root) {
		t.Error("a run that is left is busy")
	}
	for _, dir := range []string{root, filepath.Join(root, "nowhere")} {
		if _, err := Delete(dir); !errors.Is(err, ErrNoRun) {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if !IsRun(filepath.Join(root, "c")) {
		t.Error("a run within a folder that is none is gone")
	}
}

func TestDeleteAllOrNone(t *testing.T) {
	root := t.TempDir()
	a, b, none := filepath.Join(root, "a"), filepath.Join(root, "b"), filepath.Join(root, "none")
	for _, dir := range []string{a, b} {
		if err := createAt(t, dir).Close(); err != nil {
			t.Fatal(err)
		}
	}
	put(t, "mine", b, "notes.txt")
	if deleted, _, err := DeleteAll([]string{a, none}); !errors.Is(err, ErrNoRun) || len(deleted) > 0 || !IsRun(a) {
		t.Errorf("one that is no run: %v are deleted (%v)", deleted, err)
	}
	lock, err := Lock(b)
	if err != nil {
		t.Fatal(err)
	}
	if deleted, _, err := DeleteAll([]string{a, b}); !errors.Is(err, ErrLocked) || len(deleted) > 0 || !IsRun(a) {
		t.Errorf("one that is going on: %v are deleted (%v)", deleted, err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	deleted, kept, err := DeleteAll([]string{a, b})
	if err != nil || !slices.Equal(deleted, []string{a, b}) || !slices.Equal(kept, []string{filepath.Join(b, "notes.txt")}) {
		t.Errorf("%v are deleted, %v kept (%v)", deleted, kept, err)
	}
}

func mkdir(t *testing.T, path ...string) string {
	t.Helper()
	dir := filepath.Join(path...)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// createAt makes a run also where there are other runs within.
func createAt(t *testing.T, dir string) *Run {
	t.Helper()
	r, err := Create(dir, config{"glyphs", 1}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
