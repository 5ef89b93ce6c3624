package study

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"crossbatch/trainer"
)

// Grid is a study of every combination of some values, with several seeds each. All other
// settings are those of Base.
type Grid struct {
	Base  trainer.Config
	Axes  []Axis // the last varies fastest
	Seeds int    // runs of each combination, with the seeds Base.Seed, Base.Seed+1, …
	// Splits is the number of splits of the classes, by the seeds Base.Data.SplitSeed,
	// SplitSeed+1, …; 0: 1. Each combination has Seeds runs on each split. Scores then vary by
	// split and by seed, see eval.Nested. Each split has seeds of its own: those of a split
	// begin 1000 after those of the split before.
	Splits int
	Equal  Equal // steps or images; "": steps

	Search Search // for settings, made before each run, on the validation classes
}

// Cell is one run of a grid.
type Cell struct {
	Name   string // fit for a folder's name
	Config trainer.Config
	At     []int // index of its value on each axis
	Repeat int   // 0 for the first seed, and so on
	Split  int   // 0 for the first split, and so on
}

// Values returns the values of the cell on the axes of the grid, as text.
func (g Grid) Values(c Cell) []string {
	values := make([]string, len(g.Axes))
	for i, a := range g.Axes {
		values[i] = a.Values[c.At[i]]
	}
	return values
}

// Cells lists the runs, seed by seed: a study that is stopped early has every combination for
// the seeds that are complete. A combination of a memory with a loss that cannot use one is
// left out, and named in void. A cell with an invalid configuration is an error.
func (g Grid) Cells() (cells []Cell, void []string, err error) {
	if g.Seeds < 1 {
		return nil, nil, errors.New("study: the grid is empty: give at least one seed")
	}
	if err := g.validateSplits(); err != nil {
		return nil, nil, err
	}
	if err := validateAxes(g.Axes); err != nil {
		return nil, nil, err
	}
	if err := g.Equal.validate(); err != nil {
		return nil, nil, err
	}
	names := map[string]bool{}
	var refused error
	for round := range g.Seeds * max(1, g.Splits) {
		repeat, split := round/max(1, g.Splits), round%max(1, g.Splits)
		for at := make([]int, len(g.Axes)); at != nil; at = g.next(at) {
			c, err := g.cell(at, repeat, split)
			if err != nil {
				return nil, nil, err
			}
			if names[c.Name] {
				return nil, nil, fmt.Errorf("study: %s is in the grid twice: give each value once", c.Name)
			}
			names[c.Name] = true
			// Cells may be made by other processes, which have no values of this program.
			if err := errors.Join(c.Config.Validate(), (trainer.Own{}).Check(c.Config)); err != nil {
				err = fmt.Errorf("study: %s: %w", c.Name, err)
				if !errors.Is(err, trainer.ErrNoUseForMemory) {
					return nil, nil, err
				}
				refused = err
				if round == 0 {
					void = append(void, strings.TrimSuffix(c.Name, seedName(c.Config)))
				}
				continue
			}
			cells = append(cells, c)
		}
	}
	if len(cells) == 0 {
		return nil, nil, refused
	}
	return cells, void, nil
}

// cell is the one at a place of each axis.
func (g Grid) cell(at []int, repeat, split int) (Cell, error) {
	c := Cell{Config: g.Base, At: slices.Clone(at), Repeat: repeat, Split: split}
	for i, a := range g.Axes {
		s := Setting{a.Key, a.Values[at[i]]}
		if err := s.Apply(&c.Config); err != nil {
			return c, err
		}
		c.Name += s.name() + "_"
	}
	c.Config.Seed = g.Base.Seed + uint64(split)*seedsApart + uint64(repeat)
	c.Config.Data.SplitSeed = g.Base.Data.SplitSeed + uint64(split)
	c.Name = strings.TrimSuffix(c.Name, "_")
	if split > 0 { // splits can be added to a study that has one
		c.Name += "_" + Setting{splitSeedKey, strconv.FormatUint(c.Config.Data.SplitSeed, 10)}.name()
	}
	c.Name += seedName(c.Config)
	c.Config = g.Equal.scale(c.Config, g.Base.Batch.Size)
	return c, nil
}

func seedName(c trainer.Config) string { return "_seed-" + strconv.FormatUint(c.Seed, 10) }

// next moves at to the combination after it; nil after the last.
func (g Grid) next(at []int) []int {
	for i := len(at) - 1; i >= 0; i-- {
		if at[i]++; at[i] < len(g.Axes[i].Values) {
			return at
		}
		at[i] = 0
	}
	return nil
}
