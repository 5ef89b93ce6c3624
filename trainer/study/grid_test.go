package study

import (
	"slices"
	"strings"
	"testing"

	"crossbatch/trainer"
)

func smallGrid() Grid {
	return Grid{Base: trainer.Default(), Seeds: 2, Axes: []Axis{
		{"loss", []string{"contrastive"}}, {"memory", []string{"0", "256", "100%"}}, {"batch", []string{"16", "64"}},
	}}
}

func cellsOf(t *testing.T, g Grid) []Cell {
	t.Helper()
	cells, _, err := g.Cells()
	if err != nil {
		t.Fatal(err)
	}
	return cells
}

func TestCellsAreEveryCombinationOnce(t *testing.T) {
	g := smallGrid()
	cells := cellsOf(t, g)
	if len(cells) != 12 {
		t.Fatalf("%d cells, want 3×2×2", len(cells))
	}
	seen := map[string]bool{}
	for i, c := range cells {
		if seen[c.Name] {
			t.Errorf("%s comes twice", c.Name)
		}
		seen[c.Name] = true
		if c.Config.Memory.Size != g.Axes[1].Values[c.At[1]] || c.Config.Batch.Size != []int{16, 64}[c.At[2]] || c.Config.Seed != uint64(1+c.Repeat) || c.Repeat != i/6 {
			t.Errorf("%s: %+v", c.Name, c)
		}
		same := c.Config
		same.Memory.Size, same.Batch.Size, same.Seed = g.Base.Memory.Size, g.Base.Batch.Size, g.Base.Seed
		if same != g.Base {
			t.Errorf("%s differs from the base in more than its place: %+v", c.Name, c.Config)
		}
	}
	if last := cells[11].Name; last != "loss-contrastive_memory-100pct_batch-64_seed-2" {
		t.Errorf("the last is %s", last)
	}
}

// Whatever is added to a grid, the cells that it had keep their names and
// configurations: they need not be run again.
func TestCellsOfAGridStayWhenItGrows(t *testing.T) {
	g := smallGrid()
	before := cellsOf(t, g)
	g.Axes[0].Values = []string{"triplet", "contrastive"}
	g.Axes[1].Values = append([]string{"1%"}, g.Axes[1].Values...)
	g.Axes[2].Values = []string{"8", "16", "64"}
	g.Seeds = 3
	after := map[string]trainer.Config{}
	for _, c := range cellsOf(t, g) {
		after[c.Name] = c.Config
	}
	for _, c := range before {
		if after[c.Name] != c.Config {
			t.Errorf("%s is another run now", c.Name)
		}
	}
}

func TestAnySettingIsAnAxis(t *testing.T) {
	g := smallGrid()
	g.Axes = append([]Axis{
		{"dim", []string{"32", "64"}}, {"lr", []string{"1e-3"}}, {"start", []string{"auto", "10"}},
		{"label-noise", []string{"0.1"}}, {"half-memory", []string{"true"}},
	}, g.Axes...)
	c := cellsOf(t, g)[len(cellsOf(t, g))-1].Config
	if c.Network.Dim != 64 || c.Optimizer.LR != 1e-3 || c.Memory.Start != 10 || c.Data.LabelNoise != 0.1 || !c.Memory.Half {
		t.Errorf("%+v", c)
	}
	if first := cellsOf(t, g)[0].Config; first.Memory.Start != trainer.StartAuto {
		t.Errorf("start is %s", first.Memory.Start)
	}
}

func TestLossesWithoutUseForAMemoryAreLeftOut(t *testing.T) {
	g := smallGrid()
	g.Axes[0].Values = []string{"contrastive", "arcface"}
	cells, void, err := g.Cells()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"loss-arcface_memory-256_batch-16", "loss-arcface_memory-256_batch-64", "loss-arcface_memory-100pct_batch-16", "loss-arcface_memory-100pct_batch-64"}
	if len(cells) != 2*(6+2) || !slices.Equal(void, want) {
		t.Errorf("%d cells, left out %v", len(cells), void)
	}
	g.Axes[0].Values, g.Axes[1].Values = []string{"arcface"}, []string{"100%"}
	if _, _, err := g.Cells(); err == nil || !strings.Contains(err.Error(), "give memory 0") {
		t.Errorf("nothing is left, and the error is %v", err)
	}
}

func TestGridsThatCannotRunAreRefused(t *testing.T) {
	for want, change := range map[string]func(*Grid){
		"grid is empty":               func(g *Grid) { g.Axes[1].Values = nil },
		"at least one seed":           func(g *Grid) { g.Seeds = 0 },
		"none that is empty":          func(g *Grid) { g.Axes[1].Values = []string{"0", ""} },
		"multiple of per-class":       func(g *Grid) { g.Axes[2].Values = []string{"16", "30"} },
		`memory is "-1"`:              func(g *Grid) { g.Axes[1].Values = []string{"0", "-1"} },
		"batch 16 is in the grid tw":  func(g *Grid) { g.Axes[2].Values = []string{"16", "16"} },
		"batch is an axis of the gri": func(g *Grid) { g.Axes = append(g.Axes, Axis{"batch", []string{"8"}}) },
		"seed is no axis":             func(g *Grid) { g.Axes = append(g.Axes, Axis{"seed", []string{"8"}}) },
		`there is no setting "dims"`:  func(g *Grid) { g.Axes = append(g.Axes, Axis{"dims", []string{"8"}}) },
		`dim is "many"`:               func(g *Grid) { g.Axes = append(g.Axes, Axis{"dim", []string{"8", "many"}}) },
		`dim is "8.5": give a whole`:  func(g *Grid) { g.Axes = append(g.Axes, Axis{"dim", []string{"8.5"}}) },
		`start is "soon"`:             func(g *Grid) { g.Axes = append(g.Axes, Axis{"start", []string{"soon"}}) },
		"dim is 0: give 1 or more":    func(g *Grid) { g.Axes = append(g.Axes, Axis{"dim", []string{"0"}}) },
		`equal is "time"`:             func(g *Grid) { g.Equal = "time" },
		"there is no such loss":       func(g *Grid) { g.Axes[0].Values = []string{"contrast"} },
		"loss-a--b":                   func(g *Grid) { g.Axes = []Axis{{"weights", []string{"a/:b", "a:/b"}}} },
	} {
		g := smallGrid()
		change(&g)
		if _, _, err := g.Cells(); err == nil || !strings.Contains(err.Error(), strings.Replace(want, "loss-a--b", "weights-a--b_seed-1 is in the grid twice", 1)) {
			t.Errorf("%v: want %q", err, want)
		}
	}
}

func TestEqualImages(t *testing.T) {
	g := smallGrid()
	g.Equal = EqualImages
	g.Base.Steps, g.Base.Batch.Size, g.Base.Memory.Start, g.Base.Optimizer.Warmup, g.Base.Watch.ValidateEvery = 100, 32, 10, 3, 1
	g.Axes = append(g.Axes, Axis{"ramp", []string{"0", "40"}})
	for _, c := range cellsOf(t, g) {
		images := c.Config.Steps * int64(c.Config.Batch.Size)
		if images != 3200 {
			t.Errorf("%s sees %d images", c.Name, images)
		}
		if c.Config.Batch.Size == 16 && (c.Config.Memory.Start != 20 || c.Config.Optimizer.Warmup != 6 || c.Config.Watch.ValidateEvery != 2 || c.Config.Memory.Ramp != int64(80*c.At[3])) {
			t.Errorf("%s: %+v", c.Name, c.Config)
		}
		if c.Config.Batch.Size == 64 && (c.Config.Memory.Start != 5 || c.Config.Optimizer.Warmup != 2 || c.Config.Watch.ValidateEvery != 1 || c.Config.Watch.InspectEvery != 50) {
			t.Errorf("%s: %+v", c.Name, c.Config)
		}
	}
	auto := trainer.Default()
	auto.Memory.Start = trainer.StartAuto
	if s := Scale(auto, 2).Memory.Start; s != trainer.StartAuto {
		t.Errorf("auto is scaled to %s", s)
	}
}

// A setting that counts steps and is not scaled would make cells unequal.
func TestScaleKnowsAllCountsOfSteps(t *testing.T) {
	c := trainer.Default()
	c.Steps, c.Memory.Start, c.Memory.Ramp, c.Optimizer.Warmup, c.Watch.ValidateEvery, c.Watch.InspectEvery, c.Watch.DriftEvery, c.Watch.DirectionEvery, c.Memory.MaxAge = 8, 8, 8, 8, 8, 8, 8, 8, 8
	scaled, plain := values(Scale(c, 2)), values(c)
	for i, s := range scaled {
		if counts := plain[i].Value == "8"; counts != (s.Value == "16") {
			t.Errorf("%s is %s and was %s", s.Key, s.Value, plain[i].Value)
		}
	}
	for _, s := range plain {
		known := []string{"start-drift", "seed", "split-seed"}
		if word := strings.Contains(s.Key, "every") || strings.Contains(s.Key, "step"); word && s.Value != "8" && !slices.Contains(known, s.Key) {
			t.Errorf("%s seems to count steps: scale it, and set it here", s.Key)
		}
	}
}
