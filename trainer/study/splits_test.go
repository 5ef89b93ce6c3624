package study

import (
	"slices"
	"strings"
	"testing"
)

// Splits are the outer factor: each has the same combinations and seeds of its own, and a
// grid of one split is as it was.
func TestSplitsOfAGrid(t *testing.T) {
	g := smallGrid()
	one := cellsOf(t, g)
	g.Splits = 3
	cells := cellsOf(t, g)
	if len(cells) != 3*len(one) {
		t.Fatalf("%d cells, want 3×%d", len(cells), len(one))
	}
	seeds := map[uint64]uint64{} // split of each seed
	var first []Cell
	for i, c := range cells {
		split, seed := c.Config.Data.SplitSeed, c.Config.Seed
		if split != g.Base.Data.SplitSeed+uint64(c.Split) {
			t.Errorf("%s: split %d", c.Name, split)
		}
		if was, there := seeds[seed]; there && was != split {
			t.Errorf("seed %d is of splits %d and %d", seed, was, split)
		}
		seeds[seed] = split
		if c.Split == 0 {
			first = append(first, c)
		}
		if i < 18 && c.Repeat != 0 {
			t.Errorf("%s comes before every split has had its first seed", c.Name)
		}
	}
	if len(seeds) != 6 {
		t.Errorf("%d seeds, want 3 splits × 2", len(seeds))
	}
	if !slices.EqualFunc(first, one, func(a, b Cell) bool { return a.Name == b.Name && a.Config == b.Config }) {
		t.Error("the first split is not the grid of one split")
	}
	if last := cells[len(cells)-1].Name; last != "loss-contrastive_memory-100pct_batch-64_split-seed-3_seed-2002" {
		t.Errorf("the last is %s", last)
	}
}

func TestSplitsMayBeAdded(t *testing.T) {
	g := smallGrid()
	of := func(splits int) Study {
		return Study{Kind: gridKind, Axes: g.Axes, Count: Count{Of: "seeds", Number: 2}, Splits: splits, Base: g.Base}
	}
	for _, c := range []struct {
		now, was int
		want     string
	}{{0, 0, ""}, {1, 0, ""}, {3, 0, ""}, {5, 3, ""}, {3, 5, "splits is 3 and was 5"}} {
		err := of(c.now).Continues(of(c.was))
		if (err == nil) != (c.want == "") || err != nil && err.Error() != c.want {
			t.Errorf("from %d to %d splits: %v", c.was, c.now, err)
		}
	}
}

func TestSplitsThatAreRefused(t *testing.T) {
	for want, change := range map[string]func(*Grid){
		"splits is -1":          func(g *Grid) { g.Splits = -1 },
		"give at most 1000":     func(g *Grid) { g.Splits, g.Seeds = 2, 1001 },
		"split-seed is an axis": func(g *Grid) { g.Splits, g.Axes = 2, append(g.Axes, Axis{splitSeedKey, []string{"1", "2"}}) },
	} {
		g := smallGrid()
		change(&g)
		if _, _, err := g.Cells(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q", err, want)
		}
	}
}
