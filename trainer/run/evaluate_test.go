package run

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"crossbatch/eval/verification"
	"crossbatch/trainer/data/datatest"
	"crossbatch/trainer/embedded"
	"crossbatch/trainer/setting"
)

// Six rows on a line, of which the third lies among others than its own.
func TestEvaluateFiles(t *testing.T) {
	root := datatest.Tree(t, map[string][]byte{
		"x.npy":     datatest.NPY(t, "<f4", "False", []float32{0, 1, 9, 7, 7.5, 11}, 6, 1),
		"l.csv":     []byte("class\na\na\na\nb\nb\nb\n"),
		"pairs.csv": []byte("0,1,1\n0,2,0\n3,4,1\n"),
	})
	f := embedded.Files{Embeddings: filepath.Join(root, "x.npy"), Labels: filepath.Join(root, "l.csv")}
	how := DefaultHow()
	how.Seed, how.Draws, how.Verification = 3, 2, &verification.Task{}
	if err := errors.Join(append(setting.Incomplete(how.Settings()), how.Validate())...); err != nil {
		t.Error(err)
	}
	var s Session
	e, err := s.EvaluateFiles(context.Background(), f, how)
	if err != nil {
		t.Fatal(err)
	}
	// The neighbour of rows 2 and 5 is of the other class.
	if e.PrecisionAt1 != 4.0/6 || len(e.Recall) != 4 || e.Draws.Queries != 4 || e.Verification.Positives != 6 || e.Verification.Negatives != 9 || e.Seed != 3 || e.Distance != "" {
		t.Errorf("%+v, draws %+v, verification %+v", e, e.Draws, e.Verification)
	}
	if _, err := s.EvaluateFiles(context.Background(), embedded.Files{Embeddings: f.Embeddings, Labels: f.Labels, Query: f.Embeddings, QueryLabels: f.Labels}, how); err == nil || !strings.Contains(err.Error(), "--verification goes with embeddings of one label a row") {
		t.Error(err)
	}
	list := filepath.Join(root, "pairs.csv")
	p, err := s.EvaluatePairs(context.Background(), f, list, verification.Task{})
	if err != nil || p.AUC != 1 || p.Positives != 2 || p.Negatives != 1 || p.Pairs != list {
		t.Errorf("%+v: %v", p, err)
	}
}

func TestHowIsChecked(t *testing.T) {
	for want, change := range map[string]func(*How){
		"draws is 1: give 2 or more":      func(h *How) { h.Draws = 1 },
		"draws is -1":                     func(h *How) { h.Draws = -1 },
		"resamples is -1: give 0 (no bou": func(h *How) { h.Resamples = -1 },
	} {
		h := DefaultHow()
		change(&h)
		if err := h.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
