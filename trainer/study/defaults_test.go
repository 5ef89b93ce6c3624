package study_test

import (
	"strings"
	"testing"
	"time"

	"crossbatch/trainer"
	"crossbatch/trainer/study"
)

func TestDefaultsAreValid(t *testing.T) {
	protocol := study.ProtocolDefault()
	protocol.Data.Folds, protocol.Data.Fold = 4, 1 // as its runs have them
	for name, c := range map[string]trainer.Config{"a grid": study.GridDefault(), "the protocol": protocol} {
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := study.ParseRange(study.ProtocolSearch); err != nil {
		t.Error(err)
	}
}

func TestSearchedLosses(t *testing.T) {
	lines := study.SearchedLosses()
	for _, want := range []string{
		"contrastive: pos_margin=0..1 (even), neg_margin=0..0.9 (even)",
		"contrastive:distance=euclidean: pos_margin=0..1 (even), neg_margin=0..2 (even)",
	} {
		found := false
		for _, line := range lines {
			found = found || line == want
		}
		if !found {
			t.Errorf("%q is not among\n%s", want, strings.Join(lines, "\n"))
		}
	}
	for _, line := range lines {
		if strings.HasPrefix(line, "n-pairs") {
			t.Errorf("%q has nothing to search", line)
		}
	}
}

func TestEstimateText(t *testing.T) {
	e := study.Estimate{Missing: 1, Images: 320, Time: 3 * time.Second, Jobs: 2, Threads: 1,
		Runs: []study.RunEstimate{{Name: "a", Steps: 10, Batch: 32, Images: 320, Seconds: 3.2}, {Name: "b", Steps: 10, Batch: 32, Images: 320, Complete: true}}}
	const want = `run   steps   batch   images    seconds
a        10      32      320          3
b        10      32      320   complete

1 of 2 runs are missing: 320 images, about 3s with 2 at a time on 1 threads each. Nothing was made.
`
	if got := e.Text(); got != want {
		t.Errorf("the text is\n%s\nit should be\n%s", got, want)
	}
}
