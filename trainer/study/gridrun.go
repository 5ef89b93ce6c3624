package study

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.uber.org/zap"

	"crossbatch/eval/record"
	"crossbatch/trainer"
)

// The axes that every study of a grid has: the rows and the columns of its tables.
const (
	memoryAxis = "memory"
	batchAxis  = "batch"
)

// gridKind is the kind of a study of a grid.
const gridKind = "ablation"

// gridStudy is a study of a grid: what is run, and how.
type gridStudy struct {
	Grid
	cells []Cell
	layout
}

// withTable is the grid with memory and batch as its last axes, those of Base where
// they do not vary.
func (g Grid) withTable() Grid {
	for _, a := range []Axis{{memoryAxis, []string{g.Base.Memory.Size}}, {batchAxis, []string{fmt.Sprint(g.Base.Batch.Size)}}} {
		if i := slices.IndexFunc(g.Axes, func(b Axis) bool { return b.Key == a.Key }); i >= 0 {
			a = g.Axes[i]
			g.Axes = slices.Delete(slices.Clone(g.Axes), i, i+1)
		}
		g.Axes = append(slices.Clip(g.Axes), a)
	}
	return g
}

// newGridStudy lays out a grid. What could not run is refused.
func (r *Runner) newGridStudy(grid Grid) (g gridStudy, err error) {
	if err := r.validate(); err != nil {
		return g, err
	}
	g.Grid = grid.withTable()
	if g.Equal == "" {
		g.Equal = EqualSteps
	}
	var void []string
	if g.cells, void, err = g.Cells(); err != nil {
		return g, err
	}
	measured := map[trainer.Config]bool{}
	runs := stage{name: "runs", result: func(o oneRun) (string, error) { return resultLine(r.folder(o)) }}
	for _, cell := range g.cells {
		if err := g.Search.Validate(cell.Config); err != nil {
			return g, err
		}
		untrained := cell.Config.Untrained()
		o := oneRun{name: cell.Name, title: g.title(cell), config: cell.Config, baselines: !measured[untrained], search: g.Search}
		measured[untrained] = true
		runs.runs = append(runs.runs, o)
		if cell.Repeat == 0 {
			g.sample = append(g.sample, o) // one of every combination
		}
	}
	if len(void) > 0 {
		r.log().Info("left out, for a loss that has no use for a memory", zap.Strings("combinations", void))
	}
	g.stages = []stage{runs}
	cells := g.cells
	g.kind = func(i int) string { return fmt.Sprint(cells[i].At) } // all but the seed
	g.study = Study{Kind: gridKind, Axes: g.Axes, Count: Count{Of: "seeds", Number: g.Seeds}, Base: g.Base,
		Fixed: []Setting{{Key: "equal", Value: string(g.Equal)}, {Key: "tune", Value: g.Search.String()}}}
	if g.Splits > 1 {
		g.study.Splits = g.Splits
	}
	g.study.Version = g.study.version()
	return g, nil
}

// Grid makes the runs of a grid, writes its tables and report, and returns the results. There
// is a table memory × batch for each combination of the other axes. After an error the result
// has the complete runs, or is nil if there are none. If ctx ends, unfinished runs keep their
// state, and the error is a *[Stopped].
func (r *Runner) Grid(ctx context.Context, grid Grid) (*GridResult, error) {
	g, err := r.newGridStudy(grid)
	if err != nil {
		return nil, err
	}
	if err := checkStudy(r.Dir, g.study, r.Force); err != nil {
		return nil, err
	}
	missing, err := r.missing(g.all())
	if err != nil {
		return nil, err
	}
	if len(missing) > 0 || r.Force {
		if err := errors.Join(g.checkSplits(r), r.check(g.sample)); err != nil {
			return nil, err
		}
	}
	if err := r.openStudy(g.layout); err != nil {
		return nil, err
	}
	err = r.makeAll(ctx, g.layout)
	// What is done is worth a table, also after an error.
	result, finishErr := g.finish(r.Dir)
	return result, errors.Join(err, finishErr)
}

// EstimateGrid estimates what [Runner.Grid] would make and how long it would take. It measures
// some steps of each kind of run. It makes no run.
func (r *Runner) EstimateGrid(ctx context.Context, grid Grid) (Estimate, error) {
	g, err := r.newGridStudy(grid)
	if err != nil {
		return Estimate{}, err
	}
	if err := checkStudy(r.Dir, g.study, r.Force); err != nil {
		return Estimate{}, err
	}
	return r.estimate(ctx, g.layout)
}

// title is a cell for people: memory, batch, seed, and what else varies.
func (g *gridStudy) title(c Cell) string {
	var parts []string
	for i, value := range g.Values(c) {
		if a := g.Axes[i]; len(a.Values) > 1 || a.Key == memoryAxis || a.Key == batchAxis {
			parts = append(parts, a.Key+" "+value)
		}
	}
	if g.Splits > 1 {
		parts = append(parts, fmt.Sprintf("split %d", c.Config.Data.SplitSeed))
	}
	return strings.Join(append(parts, fmt.Sprintf("seed %d", c.Config.Seed)), ", ")
}

// resultLine is what a run came to, in one line.
func resultLine(dir string) (string, error) {
	run, err := record.Open(dir)
	if err != nil {
		return "", err
	}
	o := run.Outcome
	if o == nil {
		return "", fmt.Errorf("%s: the run ended without scores", dir)
	}
	recall, _ := o.Test.Recall.At(1)
	return fmt.Sprintf("recall@1 %.1f %%, MAP@R %.1f %%, %.0f s", 100*recall, 100*o.Test.MAPAtR, o.TotalSeconds), nil
}
