package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/record"
	"crossbatch/eval/report"
	"crossbatch/trainer/study"
)

// runsFolder is where runs lie unless they are told to lie elsewhere.
const runsFolder = "runs"

func runsCommand() *cli.Command {
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print one JSON object, and nothing else, on standard output"}
	return &cli.Command{
		Name:  "runs",
		Usage: "list, compare and delete runs",
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "the runs at and below a folder", ArgsUsage: "[DIR]",
				Description: "Lists every run at and below DIR (default: " + runsFolder + "), with its scores on the test classes in percent.",
				Flags:       []cli.Flag{asJSON},
				Action:      listRuns,
			},
			{
				Name: "compare", Usage: "what differs between two runs, and what came of it", ArgsUsage: "A B",
				Description: "Prints which settings differ and by how much the scores do. A and B are folders of a run, or of\n" +
					"several that differ in their seeds alone: then runs of one seed are paired, and the difference\n" +
					"has a 95 % interval (Student's t). Of single runs the 95 % bounds over resamples of the queries\n" +
					"are given, where the runs have them.",
				Flags:  []cli.Flag{asJSON},
				Action: compareRuns,
			},
			{
				Name: "delete", Usage: "remove runs", ArgsUsage: "RUN…",
				Description: "Removes the files of each RUN, with the runs within it, and its folder, unless that holds other\n" +
					"files too: those stay. A folder that holds no run of its own is refused, and so is a run that\n" +
					"is going on. Asks first, unless --yes is given.",
				Flags:  []cli.Flag{&cli.BoolFlag{Name: "yes", Usage: "do not ask"}, asJSON},
				Action: deleteRuns,
			},
		},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return fmt.Errorf("there is no command %q: see xbm runs --help", c.Args().First())
			}
			return cli.ShowSubcommandHelp(c)
		},
	}
}

func listRuns(c *cli.Context) error {
	if c.Args().Len() > 1 {
		return fmt.Errorf("%q is not expected: give one folder", c.Args().Get(1))
	}
	dir := c.Args().First()
	if dir == "" {
		dir = runsFolder
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return fmt.Errorf("there is no folder %s here: xbm train makes it, or give another", dir)
		}
	}
	runs, err := record.Summaries(dir)
	switch {
	case err != nil:
		return err
	case c.Bool("json"):
		return record.EncodeJSON(c.App.Writer, map[string]any{"runs": runs}, "")
	case len(runs) == 0:
		_, err = fmt.Fprintf(c.App.Writer, "there are no runs in %s\n", dir)
	default:
		_, err = io.WriteString(c.App.Writer, report.RunList(runs))
	}
	return err
}

func compareRuns(c *cli.Context) error {
	if c.Args().Len() != 2 {
		return errors.New("give two folders of runs: xbm runs compare A B")
	}
	a, b := c.Args().Get(0), c.Args().Get(1)
	if filepath.Clean(a) == filepath.Clean(b) {
		return fmt.Errorf("%s is compared with itself: give two folders of runs", a)
	}
	keys, err := study.ReportKeys()
	if err != nil {
		return err
	}
	found, err := report.Compare(a, b, keys)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return record.EncodeJSON(c.App.Writer, found, "")
	}
	_, err = io.WriteString(c.App.Writer, found.Text(a, b))
	return err
}
