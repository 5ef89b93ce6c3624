package record

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sbinet/npyio"

	"crossbatch/eval/event"
)

type config struct {
	Data string
	Seed int
}

func create(t *testing.T, dir string, force bool) *Run {
	t.Helper()
	r, err := Create(dir, config{"glyphs", 1}, Options{Force: force})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func content(t *testing.T, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestARunFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs", "a")
	r := create(t, dir, false)
	for i := range 2 {
		if err := r.Metric(event.Collapse{Step: int64(i), Spread: 0.5}); err != nil {
			t.Fatal(err)
		}
	}
	if got := content(t, dir, MetricsFile); got != "{\"step\":0,\"collapsed\":0.5}\n{\"step\":1,\"collapsed\":0.5}\n" {
		t.Errorf("metrics before Close: %q", got)
	}
	if err := errors.Join(r.Scores(map[string]float64{"a": 0.5}), r.Embeddings([]float32{1, 2, 3, 4, 5, 6}, 2, []int32{7, 8, 9}), r.Close()); err != nil {
		t.Fatal(err)
	}
	if got := content(t, dir, ConfigFile); got != "data: glyphs\nseed: 1\n" {
		t.Errorf("config: %q", got)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 7 {
		t.Errorf("%v (%v): want the seven files that were written", entries, err)
	}
}

// The .npy files are read by a library that knows nothing of ours.
func TestNPYIsRead(t *testing.T) {
	r := create(t, t.TempDir(), false)
	want, labels := []float32{1, 2.5, -3, 4, 5, 6}, []int32{7, -8, 9}
	if err := r.Embeddings(want, 2, labels); err != nil {
		t.Fatal(err)
	}
	for name, shape := range map[string][]int{EmbeddingsFile: {3, 2}, LabelsFile: {3}} {
		n, err := npyio.NewReader(strings.NewReader(content(t, r.Dir(), name)))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(n.Header.Descr.Shape, shape) {
			t.Errorf("%s: shape %v, want %v", name, n.Header.Descr.Shape, shape)
		}
		var got []float32
		var gotLabels []int32
		if name == EmbeddingsFile {
			err = n.Read(&got)
		} else {
			err = n.Read(&gotLabels)
		}
		if err != nil || name == EmbeddingsFile && !slices.Equal(got, want) || name == LabelsFile && !slices.Equal(gotLabels, labels) {
			t.Errorf("%s: %v %v (%v)", name, got, gotLabels, err)
		}
	}
}

func TestFoldersInUseAreRefused(t *testing.T) {
	dir := t.TempDir()
	r := create(t, dir, false)
	if err := errors.Join(r.Scores(1), r.Close(), os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("mine"), 0o644)); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(dir, config{}, Options{}); !errors.Is(err, ErrExists) || !strings.Contains(err.Error(), "--force") {
		t.Errorf("a run: %v", err)
	}
	if content(t, dir, ScoresFile) != "1\n" {
		t.Error("the run that was refused to be replaced has changed")
	}
	if err := create(t, dir, true).Close(); err != nil {
		t.Fatal(err)
	}
	if content(t, dir, "notes.txt") != "mine" {
		t.Error("a file that is no run's is gone")
	}
	if _, err := os.Stat(filepath.Join(dir, ScoresFile)); err == nil {
		t.Error("the old run's scores stand beside the new run's configuration")
	}

	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "thesis.tex"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, force := range []bool{false, true} {
		if _, err := Create(other, config{}, Options{Force: force}); !errors.Is(err, ErrExists) {
			t.Errorf("a folder of other files, force %v: %v", force, err)
		}
	}
	if _, err := Create(filepath.Join(other, "thesis.tex"), config{}, Options{}); err == nil {
		t.Error("a file is taken for a folder")
	}
}

// denied is a file system on which nothing can be made.
type denied struct {
	OS
	err error
}

func (d denied) MkdirAll(string) error { return d.err }

func TestErrorsOfTheDiskSayWhatToDo(t *testing.T) {
	for err, want := range map[error]string{
		syscall.EROFS: "read-only file system: choose a folder that you may write to", fs.ErrPermission: "choose a folder that you may write to",
		syscall.ENOSPC: "no space left on device: make room",
	} {
		if _, got := Create(t.TempDir(), config{}, Options{FS: denied{err: err}}); !errors.Is(got, err) || !strings.Contains(got.Error(), want) {
			t.Errorf("%v, want %s", got, want)
		}
	}
}

func TestAWriteThatFailsLeavesWhatWasThere(t *testing.T) {
	r := create(t, t.TempDir(), false)
	if err := r.Scores(1); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	err := r.Write(ScoresFile, func(w io.Writer) error {
		if _, err := io.WriteString(w, strings.Repeat("half", 5000)); err != nil {
			return err
		}
		return full
	})
	if !errors.Is(err, full) || !strings.Contains(err.Error(), ScoresFile) {
		t.Errorf("%v", err)
	}
	if content(t, r.Dir(), ScoresFile) != "1\n" {
		t.Error("the scores have changed")
	}
	if entries, _ := os.ReadDir(r.Dir()); len(entries) != 5 {
		t.Errorf("%v: something was left behind", entries)
	}
	if err := r.Embeddings([]float32{1}, 2, []int32{1}); err == nil {
		t.Error("embeddings of the wrong size are not refused")
	}
}
