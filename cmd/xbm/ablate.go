package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer/run"
	"crossbatch/trainer/study"
)

// The axes that every grid has.
const (
	lossAxis   = "loss"
	memoryAxis = "memory"
	batchAxis  = "batch"
)

func ablateCommand() *cli.Command {
	flags := []cli.Flag{
		&cli.StringFlag{Category: "Grid", Name: memoryAxis, Value: "0,1%,10%,100%", Usage: "memory `SIZES`, separated by commas: rows, or shares of the training images"},
		&cli.StringFlag{Category: "Grid", Name: batchAxis, Value: "16,32,64", Usage: "batch `SIZES`, separated by commas"},
		&cli.StringFlag{Category: "Grid", Name: lossAxis, Value: study.GridDefault().Loss.Spec, Usage: "`LOSSES`, listed above with their parameters, separated by commas"},
		&cli.GenericFlag{Category: "Grid", Name: "axis", Value: &repeated{}, Usage: "`NAME=VALUE,VALUE,…`: any other setting that varies, by the name of its flag; may be given again"},
		&cli.IntFlag{Category: "Grid", Name: "seeds", Value: 5, Usage: "runs of each combination, with the seeds --seed, --seed+1, …"},
		&cli.StringFlag{Category: "Grid", Name: "equal", Value: string(study.EqualSteps), Usage: "`WHAT` all runs have alike: steps, or images; then --steps and all else that counts steps are for the batch of --config, or 32, and scaled for others"},
		&cli.GenericFlag{Category: "Grid", Name: "tune", Value: &repeated{}, Usage: "`NAME=LOW..HIGH:TRIALS`: search this setting for every run on its own by successive halving on the validation classes, such as lr=1e-4..1e-2:8; may be given again"},
	}
	flags = append(flags, studyFlags("ablation")...)
	for _, f := range settingsFlags(study.GridDefault()) {
		if name := f.Names()[0]; !slices.Contains([]string{lossAxis, memoryAxis, batchAxis, "threads"}, name) {
			flags = append(flags, f)
		}
	}
	return &cli.Command{
		Name:  "ablate",
		Usage: "recall@1 by memory size, batch size, and any other setting, with several seeds",
		Description: "Makes a run of every memory size × batch size × loss × seed, several at a time, and prints and saves\n" +
			"recall@1 and MAP@R on the test classes: mean ± 95 % interval. Runs of one seed start from the same\n" +
			"weights, and with one batch size see the same batches.\n\n" +
			"Whatever stops it, the same command with --out goes on: it makes the runs that are missing, no others.\n" +
			"Values may be added to the grid, and seeds; with any other change --out is refused.\n\n" +
			"The defaults take about a quarter of an hour on two cores. Examples:\n" +
			"  xbm ablate --dry-run                                     what would be run, and how long it takes\n" +
			"  xbm ablate --memory 0,100% --batch 16,64 --seeds 3 --out runs/study\n" +
			"  xbm ablate --loss contrastive,triplet:margin=0.1 --axis dim=32,128 --steps 500\n" +
			"  xbm ablate --equal images --tune lr=1e-4..1e-2:8         as fair as can be, and four times the work" + choices(),
		Flags:  flags,
		Action: ablate,
	}
}

// repeated is the values of a flag that may be given again. Commas do not part them.
type repeated []string

// Set implements cli.Generic.
func (r *repeated) Set(text string) error { *r = append(*r, text); return nil }

func (r *repeated) String() string { return strings.Join(*r, " ") }

func ablate(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	processors := cores()
	if asked, err := ofCells(c, "ablation", processors); asked {
		return err
	}
	grid, s, err := readGrid(c)
	if err != nil {
		return err
	}
	runner, err := newRunner(c, "ablation", s, processors)
	if err != nil {
		return err
	}
	if c.Bool("dry-run") {
		e, err := runner.EstimateGrid(c.Context, grid)
		return printEstimate(c.App.Writer, e, err)
	}
	if c.Bool("plan") {
		p, err := runner.PlanGrid(c.Context, grid)
		return printPlan(c, runner.Dir, p, err)
	}
	result, err := runner.Grid(c.Context, grid)
	if result != nil { // what is done is worth a table, also after an error
		if printErr := printGrid(c, grid, result); err == nil {
			err = printErr
		}
	}
	return howToGoOnWith(err)
}

// printGrid prints what the runs of a grid came to.
func printGrid(c *cli.Context, g study.Grid, r *study.GridResult) error {
	text := ""
	for _, t := range r.Tables {
		text += t.Text() + "\n"
	}
	return show(c, r, text+fmt.Sprintf("%s on %s. The study is in %s: see %s, and every run in %s\n", r.Size, g.Base.Data.Set, r.Study, r.Report, r.CSV))
}

// readGrid reads the grid, and the settings that it varies.
func readGrid(c *cli.Context) (g study.Grid, s run.Settings, err error) {
	if s, err = readSettings(c, study.GridDefault(), lossAxis, memoryAxis, batchAxis, "threads"); err != nil {
		return g, s, err
	}
	if was, err := goesOn(c); err != nil || was != nil {
		if err == nil {
			g, err = was.Grid()
		}
		return g, s, err
	}
	losses := []string{s.Loss.Spec}
	if c.IsSet(lossAxis) {
		losses = study.ParseList(c.String(lossAxis))
	}
	// What the grid gives does not count.
	s.Loss.Spec, s.Memory.Size = study.GridDefault().Loss.Spec, "0"
	g = study.Grid{Base: s.Config, Axes: []study.Axis{{Key: lossAxis, Values: losses}},
		Seeds: c.Int("seeds"), Equal: study.Equal(c.String("equal"))}
	for _, text := range *c.Generic("axis").(*repeated) {
		axis, err := study.ParseAxis(text)
		if err != nil {
			return g, s, err
		}
		if slices.Contains([]string{lossAxis, memoryAxis, batchAxis}, axis.Key) {
			return g, s, fmt.Errorf("axis %s: give its values to --%s", axis.Key, axis.Key)
		}
		g.Axes = append(g.Axes, axis)
	}
	g.Axes = append(g.Axes, study.Axis{Key: memoryAxis, Values: study.ParseList(c.String(memoryAxis))},
		study.Axis{Key: batchAxis, Values: study.ParseList(c.String(batchAxis))})
	g.Search, err = study.ParseSearch(*c.Generic("tune").(*repeated))
	return g, s, err
}
