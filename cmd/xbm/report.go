package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/report"
	"crossbatch/trainer/finder"
	"crossbatch/trainer/run"
	"crossbatch/trainer/study"
)

func reportCommand() *cli.Command {
	return &cli.Command{
		Name:        "report",
		Usage:       "make one page of the runs of a study",
		ArgsUsage:   "DIR…",
		Description: help("report"),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Value: "report.html", Usage: "`FILE` of the page; report.csv and report.md stand beside it"},
			&cli.StringFlag{Name: "figures", Usage: "`FOLDER` of the figures (default: that of the page, named like it with -figures)"},
			&cli.StringFlag{Name: "title", Usage: "`TEXT` above the page (default: what varies, on which data)"},
			&cli.StringFlag{Name: "map", Usage: "`RUN` whose test images to lay out on a map, with its network; the page gets about a megabyte larger"},
			&cli.IntFlag{Name: "map-images", Value: 2000, Usage: "`NUMBER` of images on the map, at most, evenly spaced"},
			&cli.BoolFlag{Name: "json", Usage: "print which files were written as one JSON object"},
		},
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return errors.New("give the folder of a study or of a run: xbm report runs/study")
			}
			keys, err := study.ReportKeys()
			if err != nil {
				return err
			}
			j := report.Job{Dirs: c.Args().Slice(), Out: c.String("out"), Figures: c.String("figures"), Title: c.String("title")}
			if dir := c.String("map"); dir != "" {
				if j.Space, err = spaceOf(c, dir); err != nil {
					return err
				}
			}
			w, err := j.Write(keys)
			if err != nil {
				return err
			}
			return show(c, w, fmt.Sprintf("%d runs of %d settings are in %s; the runs in %s, the tables in %s, %d figures in %s\n",
				w.Runs, w.Settings, w.Page, w.CSV, w.Tables, w.FigureCount, w.Figures))
		},
	}
}

// spaceOf is the look at a run's test images.
func spaceOf(c *cli.Context, dir string) (*report.Space, error) {
	m, err := openRun(c, newConsole(c.App.ErrWriter), dir)
	if err != nil {
		return nil, err
	}
	return finder.Space(c.Context, m, run.PartTest, c.Int("map-images"), dir)
}
