package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer/run"
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
		Action:      ablate,
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
	m := machines(c)
	if m.IsOfCells() {
		return ofCells(c, "ablation", m, processors)
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
	if m.IsElsewhere() {
		text, complete, err := runner.HandOverGrid(c.Context, grid, m)
		if err != nil || !complete {
			return errors.Join(err, say(c, "%s", text))
		}
	}
	result, err := runner.Grid(c.Context, grid)
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

// readGrid reads the grid, and the settings that it varies.
func readGrid(c *cli.Context) (g study.Grid, s run.Settings, err error) {
	if s, err = readSettings(c, study.GridDefault(), gridOwn()...); err != nil {
		return g, s, err
	}
	if was, err := goesOn(c); err != nil || was != nil {
		if err == nil {
			g, err = was.Grid()
		}
		return g, s, err
	}
	text := study.DefaultGridText()
	text.Loss = s.Loss.Spec
	flags.Apply(c, text.Settings())
	text.Axes, text.Tune = *c.Generic("axis").(*repeated), *c.Generic("tune").(*repeated)
	g, err = text.Grid(s.Config)
	return g, s, err
}
