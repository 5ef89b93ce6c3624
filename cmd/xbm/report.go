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
		Name:      "report",
		Usage:     "make one page of the runs of a study",
		ArgsUsage: "DIR…",
		Description: "Reads the complete runs at and below each DIR, as xbm ablate and xbm train leave them, and writes\n" +
			"one HTML page that needs no other file and no network: scores against memory and batch size with\n" +
			"intervals over seeds, what is beyond them, cost against gain, drift, weights of pairs, retrievals,\n" +
			"and the command that makes each number again. Any other setting that varies has its part too.\n" +
			"Beside the page: a CSV file with a line for every run, the tables as Markdown, and every figure as\n" +
			"SVG and PNG.\n\n" +
			"Examples:\n" +
			"  xbm report runs/study --out report.html\n" +
			"  xbm report runs/a runs/b runs/b/without-memory --title \"Two losses\"\n" +
			"  xbm report runs/a --map runs/a                   with its test classes on a map",
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
