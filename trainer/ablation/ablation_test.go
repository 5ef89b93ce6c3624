package ablation

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"crossbatch/trainer"
)

func grid() Grid {
	return Grid{Base: trainer.Default(), Memory: []string{"0", "256", "100%"}, Batch: []int{16, 64}, Seeds: 2}
}

func TestCellsAreEveryCombinationOnce(t *testing.T) {
	g := grid()
	cells, err := g.Cells()
	if err != nil {
		t.Fatal(err)
	}
	if len(cells) != 12 {
		t.Fatalf("%d cells, want 3×2×2", len(cells))
	}
	seen := map[string]bool{}
	for _, c := range cells {
		if seen[c.Name] {
			t.Errorf("%s comes twice", c.Name)
		}
		seen[c.Name] = true
		if c.Config.Memory != g.Memory[c.Row] || c.Config.Batch != g.Batch[c.Column] {
			t.Errorf("%s: %+v", c.Name, c)
		}
		same := c.Config
		same.Memory, same.Batch, same.Seed = g.Base.Memory, g.Base.Batch, g.Base.Seed
		if same != g.Base {
			t.Errorf("%s differs from the base in more than its place: %+v", c.Name, c.Config)
		}
	}
	if first, last := cells[0], cells[11]; first.Config.Seed != 1 || last.Name != "memory-100pct_batch-64_seed-2" {
		t.Errorf("first %+v, last %+v", first, last)
	}
}

func TestGridsThatCannotRunAreRefused(t *testing.T) {
	for want, change := range map[string]func(*Grid){
		"the grid is empty":     func(g *Grid) { g.Memory = nil },
		"grid is empty":         func(g *Grid) { g.Seeds = 0 },
		"multiple of per-class": func(g *Grid) { g.Batch = []int{16, 30} },
		`memory is "-1"`:        func(g *Grid) { g.Memory = []string{"0", "-1"} },
		"is in the grid twice":  func(g *Grid) { g.Batch = []int{16, 16} },
	} {
		g := grid()
		change(&g)
		if _, err := g.Cells(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q", err, want)
		}
	}
}

func TestRunKeepsWhatWasDoneBeforeAnError(t *testing.T) {
	g := grid()
	cells, err := g.Cells()
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	outcomes, err := Run(context.Background(), cells, func(_ context.Context, c Cell) (float64, error) {
		if c.Name == cells[7].Name {
			return 0, broken
		}
		return float64(10*c.Row+c.Column) + float64(c.Config.Seed)/10, nil
	})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), cells[7].Name) || len(outcomes) != 7 {
		t.Fatalf("%v after %d runs", err, len(outcomes))
	}
	got := Collect(g, cells, outcomes, func(x float64) float64 { return x })
	want := [][][]float64{{{0.1, 0.2}, {1.1}}, {{10.1}, {11.1}}, {{20.1}, {21.1}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}

	ctx, cancel := context.WithCancel(context.Background())
	outcomes, err = Run(ctx, cells, func(context.Context, Cell) (float64, error) { cancel(); return 1, nil })
	if !errors.Is(err, context.Canceled) || len(outcomes) != 1 {
		t.Errorf("cancelled: %v after %d runs", err, len(outcomes))
	}
}
