package report

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"crossbatch/eval"
	"crossbatch/eval/record"
)

// Runs on several splits of the classes have intervals over both sources of scatter, in
// cells and in differences, and the page shows the sources apart. One split is as ever.
func TestSourcesAreShownApart(t *testing.T) {
	dir := t.TempDir()
	recalls := map[string][][]float64{"0": {{0.40, 0.42}, {0.50, 0.51}, {0.46, 0.44}}, "100%": {{0.45, 0.46}, {0.53, 0.55}, {0.50, 0.49}}}
	for memory, splits := range recalls {
		for split, seeds := range splits {
			for k, recall := range seeds {
				c := plain()
				c.Memory, c.Split, c.Seed = memory, split+1, 1000*split+k+1
				rows := map[string]int{"0": 0, "100%": 500}[memory]
				fake(t, filepath.Join(dir, strings.Trim(memory, "%")+strings.Repeat("x", 2*split+k)), c, rows, recall)
			}
		}
	}
	c, err := Collect([]string{dir}, usualKeys())
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Cells) != 2 {
		t.Fatalf("%d cells: splits make none of their own", len(c.Cells))
	}
	want := eval.NestedInterval([][]float64{{40, 42}, {50, 51}, {46, 44}})
	if mean, half := c.Cells[0].interval(scored()[0]); math.Abs(mean-want.Mean) > 1e-9 || math.Abs(half-want.Half) > 1e-9 {
		t.Errorf("%g ± %g, want %g ± %g", mean, half, want.Mean, want.Half)
	}
	gain := eval.NestedInterval([][]float64{{5, 4}, {3, 4}, {4, 5}})
	if d := c.differences(0, scored()[0]); len(d) != 1 || d[0].Pairs != 6 || math.Abs(d[0].Mean-gain.Mean) > 1e-9 || math.Abs(d[0].Half-gain.Half) > 1e-9 {
		t.Errorf("%+v, want %+v", d, gain)
	}
	table, ok := c.sources()
	if row := strings.Join(table.Rows[0], " "); !ok || row != "0 recall@1 3 × 2 45.5 11.8 1.6 4.7 1.2" {
		t.Errorf("%v", table.Rows)
	}
	if text := c.summary(); !strings.Contains(text, "6 seeds on 3 splits of the classes each") {
		t.Error(text)
	}
	if caption := c.scores().Caption; !strings.Contains(caption, "over splits of the classes and seeds ± half of the 95 % interval (seeds nested in splits") {
		t.Error(caption)
	}
	if made, _, err := c.causes(); err != nil || made.Rows[0][1] != "45.5 ± 11.8" {
		t.Errorf("beside causes: %v (%v)", made.Rows, err)
	}
	for _, r := range c.Runs {
		r.Outcome.Baselines = []record.Baseline{{Name: record.RawPixels, Test: r.Outcome.Test.Scores}}
	}
	best := c.bestCell(c.Cells)
	if made, _ := c.baselines(); made.Rows[len(made.Rows)-1][4] != best.plusMinus(scored()[0]) || !strings.Contains(made.Caption, "over splits of the classes and seeds ±") {
		t.Errorf("beside baselines: %v", made)
	}

	// A table of the study has the same.
	s := Study{Number: "recall@1", RowName: "memory", Rows: []string{"0"}, ColName: "batch", Columns: []string{"32"},
		Samples: [][][]float64{{{0.40, 0.42, 0.50, 0.51, 0.46, 0.44}}}, Splits: [][][]string{{{"1", "1", "2", "2", "3", "3"}}}}
	for _, want := range []string{"0        45.5 ± 11.8", "0, 32                    3 × 2   45.5          11.8            1.6                   4.7        1.2"} {
		if !strings.Contains(s.Text(), want) {
			t.Errorf("no %q in\n%s", want, s.Text())
		}
	}
}
