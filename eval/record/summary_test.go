package record

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"crossbatch/eval"
	"crossbatch/eval/event"
)

func TestSummariesSayHowFarRunsHaveCome(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"complete", "damaged", "running", "stopped"} {
		r := createAt(t, filepath.Join(root, name))
		for step := range int64(3) {
			if err := r.Metric(event.Step{Step: step}); err != nil {
				t.Fatal(err)
			}
		}
		if name == "complete" {
			o := Outcome{Steps: 7}
			o.Test.Recall, o.Test.MAPAtR = eval.Recall{{K: 1, Share: 0.5}}, 0.25
			if err := r.Scores(o); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	put(t, "no JSON", root, "damaged", ScoresFile)
	lock, err := Lock(filepath.Join(root, "running"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()

	all, err := Summaries(root)
	if err != nil || len(all) != 4 {
		t.Fatalf("%v (%v)", all, err)
	}
	for i, want := range []struct {
		state State
		steps int64
	}{{Complete, 7}, {Damaged, 0}, {Running, 3}, {Stopped, 3}} {
		got := all[i]
		if got.State != want.state || got.Steps != want.steps {
			t.Errorf("%s is %s after %d steps, want %s after %d", got.Run, got.State, got.Steps, want.state, want.steps)
		}
		if complete := got.Recall != nil && *got.Recall == 0.5 && *got.MAPAtR == 0.25; complete != (want.state == Complete) {
			t.Errorf("%s has the scores %v and %v", got.Run, got.Recall, got.MAPAtR)
		}
		if damaged := strings.Contains(got.Trouble, "is damaged"); damaged != (want.state == Damaged) {
			t.Errorf("%s has the trouble %q", got.Run, got.Trouble)
		}
	}
	put(t, "no JSON\n\n", root, "stopped", MetricsFile)
	if got := Summarize(filepath.Join(root, "stopped")); got.State != Damaged {
		t.Errorf("with metrics that cannot be read: %+v", got)
	}
	if _, err := Summaries(filepath.Join(root, "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}
