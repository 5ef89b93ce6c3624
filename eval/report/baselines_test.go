package report

import (
	"slices"
	"strings"
	"testing"

	"crossbatch/eval"
	"crossbatch/eval/fewshot"
	"crossbatch/eval/record"
)

func TestBaselinesAreInTheReport(t *testing.T) {
	root := t.TempDir()
	fakeStudy(t, root)
	c := collect(t, root)
	if _, ok := c.baselines(); ok {
		t.Error("baselines of runs that have none")
	}
	easy := 0.625
	raw := func(recall float64) record.Baseline {
		return record.Baseline{Name: record.RawPixels, Dim: 1024, Notes: []string{"300 queries stand for all"},
			Test: eval.Scores{Means: eval.Means{Recall: eval.Recall{{K: 1, Share: recall}}, MAPAtR: recall / 2}}, Classifiers: &fewshot.Scores{Neighbors: 0.75, Centroid: 0.5, Linear: 0.25, EasyTL: &easy}}
	}
	// Those of one seed are the same for every memory.
	for i, r := range c.Runs {
		r.Outcome.Baselines = []record.Baseline{raw(0.2 + 0.1*float64(i%2))}
	}
	got, ok := c.baselines()
	if !ok || len(got.Rows) != 2 {
		t.Fatalf("%+v", got)
	}
	if want := []string{"raw pixels", "glyphs", "1024", "2", "25.0 ± 63.5", "12.5 ± 31.8", "0.0 ± 0.0", "75.0 ± 0.0", "50.0 ± 0.0", "25.0 ± 0.0", "62.5 ± 0.0"}; !slices.Equal(got.Rows[0], want) {
		t.Errorf("%q, want %q", got.Rows[0], want)
	}
	if row := got.Rows[1]; row[0] != "training: memory 100%, batch 64" || row[3] != "2" || row[7] != "–" || !got.Strong[1] {
		t.Errorf("%q", row)
	}
	if text := c.baselineNotes(); strings.Count(text, "raw pixels: 300 queries") != 1 {
		t.Error(text)
	}
	// An older run has no EasyTL; training has no classifiers at all.
	figures := c.classified()
	if len(figures) != 1 || !strings.Contains(figures[0].Desc, "raw pixels, EasyTL: 62.5 ± 0.0") || strings.Contains(figures[0].Desc, "training") {
		t.Errorf("%+v", figures)
	}
	c.Runs[0].Outcome.Baselines[0].Classifiers.EasyTL = nil
	if got, _ := c.baselines(); got.Rows[0][10] != "–" {
		t.Errorf("%q", got.Rows[0])
	}
	p, err := c.Page("")
	if err != nil {
		t.Fatal(err)
	}
	if text := html(t, p); !strings.Contains(text, `<section id="baselines"`) || !strings.Contains(text, "raw pixels") {
		t.Error("they are not on the page")
	}
}
