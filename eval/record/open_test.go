package record

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crossbatch/eval"
	"crossbatch/eval/event"
)

func put(t *testing.T, text string, path ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(path...), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestARunIsReadBack(t *testing.T) {
	dir := t.TempDir()
	r := create(t, dir, false)
	want := Outcome{Run: dir, Steps: 8, Seconds: 2.5, PeakMemory: 1 << 20, Test: eval.Evaluation{Scores: eval.Scores{Means: eval.Means{MAPAtR: 0.5}, Queries: 3}}}
	here := Here(7, []string{"xbm", "train"})
	if err := r.Environment(here); err != nil {
		t.Fatal(err)
	}
	s, err := Open(dir)
	if err != nil || s.Outcome != nil {
		t.Fatalf("while it goes on: %+v (%v)", s, err)
	}
	if err := errors.Join(r.Scores(want), r.Close()); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	if s.Config["data"] != "glyphs" || s.Config["seed"] != 1 {
		t.Errorf("configuration %v", s.Config)
	}
	if got := s.Outcome; got == nil || got.Steps != want.Steps || got.Test.MAPAtR != 0.5 || got.PeakMemory != want.PeakMemory {
		t.Errorf("scores %+v, want %+v", got, want)
	}
	e := s.Environment
	if e == nil || e.Seed != 7 || !slices.Equal(e.Command, here.Command) || e.Go != here.Go || !e.Started.Equal(here.Started) {
		t.Errorf("environment %+v, want %+v", e, here)
	}
	if e.Threads < 1 || e.Cores < 1 || e.OS == "" || e.Started.IsZero() {
		t.Errorf("the environment lacks something: %+v", e)
	}
}

func TestFoldersThatAreNoRunsOrDamagedAreRefused(t *testing.T) {
	root := t.TempDir()
	if _, err := Open(root); !errors.Is(err, ErrNoRun) || !strings.Contains(err.Error(), ConfigFile) {
		t.Errorf("an empty folder: %v", err)
	}
	for _, file := range []string{ConfigFile, ScoresFile, EnvironmentFile} {
		dir := filepath.Join(root, file)
		if err := create(t, dir, false).Close(); err != nil {
			t.Fatal(err)
		}
		put(t, "\t{", dir, file)
		if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), file+" is damaged") {
			t.Errorf("%s that is none: %v", file, err)
		}
	}
}

func TestFindListsRuns(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"b", "a", "a/without-memory", "study/cell-1"} {
		if err := create(t, filepath.Join(root, name), false).Close(); err != nil && !errors.Is(err, ErrExists) {
			t.Fatal(err)
		}
	}
	put(t, "data: no metrics beside it", root, "study", ConfigFile)
	found, err := Find(root)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a", "a/without-memory", "b", "study/cell-1"}
	for i := range want {
		want[i] = filepath.Join(root, want[i])
	}
	if !slices.Equal(found, want) {
		t.Errorf("%v, want %v", found, want)
	}
	if found, err = Find(want[0]); err != nil || len(found) != 2 {
		t.Errorf("at a run itself: %v (%v)", found, err)
	}
	if _, err := Find(filepath.Join(root, "nowhere")); err == nil {
		t.Error("a folder that is not there has no runs, without an error")
	}
}

func TestMetricsOfARunThatWasKilled(t *testing.T) {
	dir := t.TempDir()
	read := func() (steps []int64, err error) {
		for l, e := range Metrics(dir) {
			if e != nil {
				return steps, e
			}
			steps = append(steps, l.At())
		}
		return steps, nil
	}
	for name, c := range map[string]struct {
		text string
		want []int64
		err  string
	}{
		"whole":              {someMetrics, []int64{0, 7, 8, 9}, ""},
		"of a later version": {someMetrics + `{"step":10,"later":1}` + "\n", []int64{0, 7, 8, 9}, ""},
		"cut short":          {"{\"step\":1,\"lr\":1}\n{\"step\":2,\"lr\":1}\n{\"st", []int64{1, 2}, ""},
		"cut at the newline": {"{\"step\":1,\"lr\":1}\n{\"step\":2,\"lr\":1}", []int64{1, 2}, ""},
		"empty":              {"", nil, ""},
		"damaged":            {"{\"step\":1,\"lr\":1}\n{\"st\n{\"step\":3,\"lr\":1}\n", []int64{1}, "line 2 is damaged"},
	} {
		put(t, c.text, dir, MetricsFile)
		got, err := read()
		if !slices.Equal(got, c.want) || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v (%v), want %v, %q", name, got, err, c.want, c.err)
		}
	}
	if err := os.Remove(filepath.Join(dir, MetricsFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := read(); err == nil {
		t.Error("no metrics are read without an error")
	}
	put(t, someMetrics, dir, MetricsFile)
	for l := range Metrics(dir) { // may be left early
		if l, ok := l.(event.Step); !ok || l.Batch == nil || l.Batch.ActivePositives != 4 || l.Memory != nil {
			t.Errorf("%+v", l)
		}
		break
	}
}
