package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer"
	"crossbatch/trainer/setting"
	"crossbatch/trainer/setting/flags"
	"crossbatch/trainer/study"
)

func ablateCommand() *cli.Command {
	text := study.DefaultGridText()
	flags := slices.Concat(flagsOf(text.Settings()), []cli.Flag{
		&cli.GenericFlag{Category: "Grid", Name: "axis", Value: &repeated{}, Usage: "`NAME=VALUE,VALUE,…`: any other setting that varies, by the name of its flag; may be given again"},
		&cli.GenericFlag{Category: "Grid", Name: "tune", Value: &repeated{}, Usage: "`NAME=LOW..HIGH:TRIALS`: search this setting for every run on its own by successive halving on the validation classes, such as lr=1e-4..1e-2:8; may be given again"},
	}, studyFlags("ablation"), settingsFlags(study.GridDefault(), gridOwn()...))
	return &cli.Command{
		Name:        "ablate",
		Usage:       "recall@1 by memory size, batch size, and any other setting, with several seeds",
		Description: help("ablate") + choices(),
		Flags:       flags,
		Action:      ablation().action,
	}
}

// repeated is the values of a flag that may be given again. Commas do not part them.
type repeated []string

// Set implements cli.Generic.
func (r *repeated) Set(text string) error { *r = append(*r, text); return nil }

func (r *repeated) String() string { return strings.Join(*r, " ") }

func ablation() studyOf[study.Grid] {
	return studyOf[study.Grid]{
		folder: "ablation", defaults: study.GridDefault(), own: gridOwn(), begun: study.Study.Grid, read: readGrid,
		estimate: (*study.Runner).EstimateGrid, handOver: (*study.Runner).HandOverGrid, make: makeGrid,
	}
}

// makeGrid makes the runs of a grid, and prints what they came to.
func makeGrid(c *cli.Context, r *study.Runner, grid study.Grid) error {
	result, err := r.Grid(c.Context, grid)
	if result != nil { // what is done is worth a table, also after an error
		if printErr := printGrid(c, grid, result); err == nil {
			err = printErr
		}
	}
	return err
}

// printGrid prints what the runs of a grid came to.
func printGrid(c *cli.Context, g study.Grid, r *study.GridResult) error {
	text := ""
	for _, t := range r.Tables {
		text += t.Text() + "\n"
	}
	return show(c, r, text+fmt.Sprintf("%s on %s. The study is in %s: see %s, and every run in %s\n", r.Size, g.Base.Data.Set, r.Study, r.Report, r.CSV))
}

// gridOwn are the settings that a grid has other flags for.
func gridOwn() []string {
	text := study.DefaultGridText()
	return append(setting.Keys(text.Settings(), nil), "threads")
}

// readGrid reads the grid that flags describe, of runs with the settings of base.
func readGrid(c *cli.Context, base trainer.Config) (study.Grid, error) {
	text := study.DefaultGridText()
	text.Loss = base.Loss.Spec
	flags.Apply(c, text.Settings())
	text.Axes, text.Tune = *c.Generic("axis").(*repeated), *c.Generic("tune").(*repeated)
	return text.Grid(base)
}
