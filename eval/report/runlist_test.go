package report

import (
	"testing"
	"time"

	"crossbatch/eval/record"
)

func TestRunList(t *testing.T) {
	recall, mapAtR := 0.5, 0.256
	started := time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local)
	config := map[string]any{"data": "glyphs", "loss": "contrastive", "memory": "40", "batch": 16, "seed": 1, "steps": 9}
	got := RunList("runs", []record.Summary{
		{Run: "a", State: record.Complete, Steps: 9, Config: config, Recall: &recall, MAPAtR: &mapAtR, Started: &started},
		{Run: "b", State: record.Stopped, Steps: 4, Config: config},
		{Run: "c", State: record.Damaged, Config: config, Trouble: "c/scores.json is damaged:\nat 1"},
	})
	want := `run     data          loss   memory   batch   seed    steps   recall@1   MAP@R            started      state
a     glyphs   contrastive       40      16      1        9       50.0    25.6   2026-01-02 03:04   complete
b     glyphs   contrastive       40      16      1   4 of 9          –       –                  –    stopped
c          –             –        –       –      –        –          –       –                  –    damaged

c/scores.json is damaged: at 1
`
	if got != want {
		t.Errorf("the list is\n%s\nit should be\n%s", got, want)
	}
	if got := RunList("runs", nil); got != "there are no runs in runs\n" {
		t.Error(got)
	}
}
