package report

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"crossbatch/eval/record"
)

func keys(c *Collection) (all []string) {
	for _, a := range c.Axes {
		all = append(all, fmt.Sprint(a.Key, a.Values))
	}
	return all
}

func TestRunsAreSortedIntoCells(t *testing.T) {
	root := t.TempDir()
	fakeStudy(t, root)
	c := collect(t, root)
	if want := []string{"memory[0 100%]", "batch[16 64]"}; !slices.Equal(keys(c), want) {
		t.Errorf("axes %v, want %v", keys(c), want)
	}
	var names []string
	for _, cell := range c.Cells {
		names = append(names, c.name(cell))
		if len(cell.Runs) != 2 || cell.Runs[0].config["seed"] != "1" {
			t.Errorf("%s: %d runs", c.name(cell), len(cell.Runs))
		}
	}
	if want := []string{"memory 0, batch 16", "memory 100%, batch 16", "memory 0, batch 64", "memory 100%, batch 64"}; !slices.Equal(names, want) {
		t.Errorf("cells %v, want %v", names, want)
	}
}

// What a search chose for every run on its own makes no cells.
func TestSearchedSettingsAreNoAxes(t *testing.T) {
	root := t.TempDir()
	for i, lr := range []string{"0.001", "0.002", "0.003", "0.004"} {
		c := plain()
		c.Seed = 1 + i%2
		c.Memory = []string{"0", "100%"}[i/2]
		c.LR, _ = strconv.ParseFloat(lr, 64)
		c.Loss = "contrastive:distance=cosine,neg_margin=0." + lr[4:]
		dir := filepath.Join(root, lr)
		fake(t, dir, c, 0, 0.5)
		if err := record.WriteChosen(dir, map[string]string{"lr": lr, "loss.neg_margin": "0." + lr[4:]}); err != nil {
			t.Fatal(err)
		}
	}
	c := collect(t, root)
	if want := []string{"memory[0 100%]"}; !slices.Equal(keys(c), want) || len(c.Cells) != 2 {
		t.Errorf("axes %v, want %v", keys(c), want)
	}
	if made := c.cellCommand(c.Cells[0]); !strings.Contains(made, "neg_margin=0.1 --lr 0.001") || !strings.Contains(made, "neg_margin=0.2 --lr 0.002") {
		t.Errorf("commands %s", made)
	}
	if loss := c.Runs[0].config["loss"]; loss != "contrastive:distance=cosine" {
		t.Errorf("the loss is %s", loss)
	}
}

// A run that is given twice, or made twice, counts once; one without scores does
// not count.
func TestRunsCountOnce(t *testing.T) {
	root := t.TempDir()
	fakeStudy(t, root)
	fake(t, filepath.Join(root, "again"), config{Data: "glyphs", Backbone: "conv4", Dim: 128, Loss: "contrastive", Miner: "none",
		Memory: "0", Batch: 16, LR: 0.003, Steps: 4000, Seed: 1}, 0, 0.5)
	r, err := record.Create(filepath.Join(root, "stopped"), plain(), record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	c := collect(t, root, filepath.Join(root, "again"), root)
	if len(c.Runs) != 8 || len(c.Repeated) != 1 || len(c.Incomplete) != 1 {
		t.Errorf("%d runs, %v repeated, %v incomplete", len(c.Runs), c.Repeated, c.Incomplete)
	}
	text := strings.Join(c.findings(), "\n")
	if !strings.Contains(text, "incomplete: "+c.Incomplete[0]) || !strings.Contains(text, c.Repeated[0]) {
		t.Errorf("what is left out is not told: %s", text)
	}
}

// Keys that are fitted to a cell make no cells of their own, others always do.
func TestAxes(t *testing.T) {
	for name, c := range map[string]struct {
		change func(i int, c *config)
		want   []string
		also   []string
	}{
		"one setting":         {func(i int, c *config) { c.Seed = i }, nil, nil},
		"a loss":              {func(i int, c *config) { c.Loss = []string{"triplet", "contrastive"}[i%2]; c.Seed = i / 2 }, []string{"loss[contrastive triplet]"}, nil},
		"a learning rate":     {func(i int, c *config) { c.LR = []float64{0.1, 0.02}[i%2]; c.Seed = i / 2 }, []string{"lr[0.02 0.1]"}, nil},
		"steps that fit":      {func(i int, c *config) { c.Batch = 16 << (i % 2); c.Steps = 400 >> (i % 2); c.Seed = i / 2 }, []string{"batch[16 32]"}, []string{"steps"}},
		"a loss with batches": {func(i int, c *config) { c.Batch = 16 << (i % 2); c.Loss = []string{"a", "b"}[i%2] }, []string{"batch[16 32]", "loss[a b]"}, nil},
		"absent is zero":      {func(i int, c *config) { c.Noise = float64(i%2) / 10; c.Seed = i / 2 }, []string{"label-noise[0 0.1]"}, nil},
		"many rows":           {func(i int, c *config) { c.Memory = []string{"2048", "0", "50%", "256"}[i] }, []string{"memory[0 256 50% 2048]"}, nil},
	} {
		root := t.TempDir()
		for i := range 4 {
			one := plain()
			c.change(i, &one)
			rows := map[string]int{"2048": 2048, "256": 256, "50%": 755}[one.Memory]
			fake(t, filepath.Join(root, fmt.Sprint(i)), one, rows, 0.5)
		}
		got := collect(t, root)
		if !slices.Equal(keys(got), c.want) || !slices.Equal(got.also(), c.also) {
			t.Errorf("%s: axes %v and also %v, want %v and %v", name, keys(got), got.also(), c.want, c.also)
		}
	}
}

// By hand: batch 16 gains 10 and 12 points: 11 ± 12.7062·1; batch 64 3 and -1:
// 1 ± 12.7062·2.
func TestDifferencesArePaired(t *testing.T) {
	root := t.TempDir()
	fakeStudy(t, root)
	c := collect(t, root)
	got := c.differences(c.axis("memory"), scored()[0])
	if len(got) != 2 {
		t.Fatalf("%v", got)
	}
	for i, want := range []struct{ mean, half float64 }{{11, 12.7062}, {1, 25.4124}} {
		if d := got[i]; math.Abs(d.Mean-want.mean) > 1e-9 || math.Abs(d.Half-want.half) > 1e-3 || d.Pairs != 2 || d.Beyond() {
			t.Errorf("%s: %v ± %v of %d pairs, want %v", c.name(d.Cell), d.Mean, d.Half, d.Pairs, want)
		}
	}
	if got := c.differences(c.axis("batch"), scored()[0]); got != nil {
		t.Errorf("batch sizes are compared: %v", got)
	}
	k := c.costs()
	if len(k) != 2 || math.Abs(k[0].extraSeconds-15.1) > 1e-9 || math.Abs(k[0].memoryMiB-float64(1510*(4*128+24))/(1<<20)) > 1e-9 || k[0].peakMiB != 64 {
		t.Errorf("costs %+v", k)
	}
	if k[0].aPoint(11, "%.2g") != "–" {
		t.Error("a gain within its interval has a price")
	}
	k[0].gain.Half = 1
	if got := k[0].aPoint(22, "%.2g"); got != "2" {
		t.Errorf("22 s for 11 points are %s a point", got)
	}
}

// Both one-sided tests reject, or the interval is beyond a point, or neither. The numbers
// are those of eval's test against SciPy, and by hand.
func TestEquality(t *testing.T) {
	of := func(split ...string) []string { return split }
	one := of("1", "1", "1", "1", "1")
	for _, c := range []struct {
		sample []float64
		splits []string
		want   string
	}{
		{[]float64{0.3, -0.2, 0.5, 0.1, -0.4}, one, "equivalent"},
		{[]float64{1.2, 0.4, 0.9}, one, "undecided"},
		{[]float64{10, 12}, one, "undecided"}, // ± 12.7
		{[]float64{10, 11, 12}, one, "different"},
		{[]float64{-10, -11, -12}, one, "different"},
		{[]float64{0.01}, one, "–"},
		{[]float64{0, 0, 2, 2}, of("1", "1", "2", "2"), "undecided"}, // the splits' means 0 and 2
		{[]float64{-2, 2, -2, 2.2}, of("1", "1", "2", "2"), "equivalent"},
	} {
		if got := equality(c.sample, c.splits); got != c.want {
			t.Errorf("%v on splits %v: %s, want %s", c.sample, c.splits, got, c.want)
		}
	}
}

func TestCommands(t *testing.T) {
	root := t.TempDir()
	c := plain()
	c.Data, c.Memory, c.Halves, c.Seed = "omniglot:my data", "100%", true, 3
	fake(t, root, c, 10, 0.5)
	got := collect(t, root)
	if want := "xbm train --data 'omniglot:my data' --half-memory --baseline=false --seed 3"; got.commandList()[0][1] != want {
		t.Errorf("%s, want %s", got.commandList()[0][1], want)
	}
	if want := "xbm ablate --data 'a set'"; got.madeBy() != want {
		t.Errorf("%q, want %q", got.madeBy(), want)
	}
	fakeStudy(t, filepath.Join(root, "study"))
	if got, want := collect(t, filepath.Join(root, "study")).commandList()[0][1], "for s in 1 2; do xbm train --batch 16 --memory 0 --baseline=false --seed $s; done"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestFoldersWithoutRuns(t *testing.T) {
	root := t.TempDir()
	if _, err := Collect([]string{root}, usualKeys()); !errors.Is(err, record.ErrNoRun) {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := Collect([]string{filepath.Join(root, "nowhere")}, usualKeys()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	r, err := record.Create(filepath.Join(root, "a"), plain(), record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Collect([]string{root}, usualKeys()); err == nil || !strings.Contains(err.Error(), "is complete") {
		t.Errorf("none complete: %v", err)
	}
}

// What a search has chosen for each run makes no cells, even where seeds differ.
func TestTunedKeysMakeNoCells(t *testing.T) {
	root := t.TempDir()
	for i := range 4 {
		one := plain()
		one.LR, one.Batch, one.Seed = 0.01*float64(i+1), 16<<(i%2), i/2
		dir := filepath.Join(root, fmt.Sprint(i))
		fake(t, dir, one, 0, 0.5)
		if err := record.WriteChosen(dir, map[string]string{"lr": fmt.Sprint(one.LR)}); err != nil {
			t.Fatal(err)
		}
	}
	c := collect(t, root)
	if want := []string{"batch[16 32]"}; !slices.Equal(keys(c), want) || !slices.Equal(c.also(), []string{"lr"}) || len(c.Cells) != 2 {
		t.Errorf("axes %v and also %v, %d cells", keys(c), c.also(), len(c.Cells))
	}
	if got := c.scores().Rows[0][1]; got != several {
		t.Errorf("the learning rate of several is %s", got)
	}
	if got, want := c.commandList()[0][1], "xbm train --batch 16 --lr 0.01 --memory 0 --baseline=false --seed 0\nxbm train --batch 16 --lr 0.03 --memory 0 --baseline=false --seed 1"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
