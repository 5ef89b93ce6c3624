// Package ablation lays out a study of memory size and batch size: every
// combination as an ordinary run, with several seeds each.
//
// The runs of one seed start from the same weights and, at one batch size, see
// the same batches in the same order; all take the same number of steps. Not
// here: how a run is made, and tables and figures (eval/report).
package ablation

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"crossbatch/trainer"
)

// Grid is a study: every memory × batch × seed, all else as in Base.
type Grid struct {
	Base   trainer.Config
	Memory []string // sizes, as in trainer.Config
	Batch  []int    // images a step
	Seeds  int      // runs of each cell, with the seeds Base.Seed, Base.Seed+1, …
}

// Cell is one run of a grid.
type Cell struct {
	Config trainer.Config
	Name   string // of the run, fit for a folder's name
	Row    int    // index in Grid.Memory
	Column int    // index in Grid.Batch
}

// Cells lists the runs, seed by seed, so that a study that is stopped early has
// every combination for the seeds that are done. It refuses a grid with a cell
// that could not run, before any has.
func (g Grid) Cells() ([]Cell, error) {
	if len(g.Memory) == 0 || len(g.Batch) == 0 || g.Seeds < 1 {
		return nil, errors.New("ablation: the grid is empty: give at least one memory size, one batch size and one seed")
	}
	var cells []Cell
	names := map[string]bool{}
	for seed := range g.Seeds {
		for column, batch := range g.Batch {
			for row, memory := range g.Memory {
				c := Cell{Config: g.Base, Row: row, Column: column}
				c.Config.Memory, c.Config.Batch = memory, batch
				c.Config.Seed = g.Base.Seed + uint64(seed)
				c.Name = "memory-" + strings.ReplaceAll(memory, "%", "pct") +
					"_batch-" + strconv.Itoa(batch) + "_seed-" + strconv.FormatUint(c.Config.Seed, 10)
				if err := c.Config.Validate(); err != nil {
					return nil, fmt.Errorf("ablation: %s: %w", c.Name, err)
				}
				if names[c.Name] {
					return nil, fmt.Errorf("ablation: %s is in the grid twice: give each size once", c.Name)
				}
				names[c.Name] = true
				cells = append(cells, c)
			}
		}
	}
	return cells, nil
}

// Run makes the runs of the cells one after the other and returns what each came
// to, in their order. It stops at the first error.
func Run[Outcome any](ctx context.Context, cells []Cell, run func(context.Context, Cell) (Outcome, error)) ([]Outcome, error) {
	outcomes := make([]Outcome, 0, len(cells))
	for i, c := range cells {
		if err := ctx.Err(); err != nil {
			return outcomes, fmt.Errorf("ablation: stopped after %d of %d runs: %w", i, len(cells), err)
		}
		o, err := run(ctx, c)
		if err != nil {
			return outcomes, fmt.Errorf("ablation: %s: %w", c.Name, err)
		}
		outcomes = append(outcomes, o)
	}
	return outcomes, nil
}

// Collect sorts one number of each outcome into memory × batch: the samples, one
// a seed, of each combination. outcomes are in the order of cells and may be
// fewer.
func Collect[Outcome any](g Grid, cells []Cell, outcomes []Outcome, number func(Outcome) float64) [][][]float64 {
	samples := make([][][]float64, len(g.Memory))
	for row := range samples {
		samples[row] = make([][]float64, len(g.Batch))
	}
	for i, o := range outcomes {
		c := cells[i]
		samples[c.Row][c.Column] = append(samples[c.Row][c.Column], number(o))
	}
	return samples
}
