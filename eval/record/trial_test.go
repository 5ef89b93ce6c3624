package record

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"crossbatch/eval"
)

func TestTrialsComeBack(t *testing.T) {
	dir := t.TempDir()
	if got, err := ReadTrial(dir); got != nil || err != nil {
		t.Fatalf("an empty folder has the trial %v, %v", got, err)
	}
	if err := WriteTrial(dir, Trial{Steps: 7, BestStep: 5, Validation: eval.Scores{Means: eval.Means{MAPAtR: 0.25}}}); err != nil {
		t.Fatal(err)
	}
	got, err := ReadTrial(dir)
	if err != nil || got.Steps != 7 || got.BestStep != 5 || got.Score() != 0.25 {
		t.Errorf("%+v, %v", got, err)
	}
	if err := WriteTrial(dir, Trial{Diverged: "step 3"}); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadTrial(dir); err != nil || !math.IsNaN(got.Score()) {
		t.Errorf("a trial that diverged has score %v, %v", got.Score(), err)
	}
	for _, name := range []string{ConfigFile, MetricsFile} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if IsRun(dir) {
		t.Error("a trial is taken for a run")
	}
	if err := os.WriteFile(filepath.Join(dir, TrialFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadTrial(dir); err == nil {
		t.Error("a damaged trial is read")
	}
}

func TestWhatASearchChoseComesBack(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, ConfigFile), []byte("lr: 0.5"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(dir); err != nil || s.Chosen != nil {
		t.Errorf("chosen is %v without a search, %v", s.Chosen, err)
	}
	if err := WriteChosen(dir, map[string]string{"lr": "0.5"}); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(dir); err != nil || s.Chosen["lr"] != "0.5" {
		t.Errorf("chosen is %v, %v", s.Chosen, err)
	}
}
