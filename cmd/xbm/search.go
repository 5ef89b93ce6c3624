package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/index"
	"crossbatch/eval/record"
	"crossbatch/trainer/finder"
)

func searchCommand() *cli.Command {
	return &cli.Command{
		Name:        "search",
		Usage:       "find the pictures of an index that look most like others",
		ArgsUsage:   "INDEX PICTURE…",
		Description: help("search"),
		Flags: []cli.Flag{
			&cli.IntFlag{Category: "What", Name: "neighbors", Aliases: []string{"k"}, Value: 10, Usage: "`NUMBER` of neighbours of each picture"},
			&cli.StringSliceFlag{Category: "What", Name: "group", Usage: "only of this `GROUP` and those below it; may be given again"},
			&cli.StringSliceFlag{Category: "What", Name: "not-group", Usage: "none of this `GROUP` or below it; may be given again"},
			&cli.StringFlag{Category: "What", Name: "threshold", Usage: "least `SIMILARITY`, or validation: the one that xbm index threshold chose (default: none; of duplicates 0.99)"},
			&cli.BoolFlag{Category: "What", Name: "duplicates", Usage: "pairs of the index that are near-identical, nearest first, in place of pictures"},
			&cli.IntFlag{Category: "What", Name: "most", Value: 1000, Usage: "`NUMBER` of such pairs that are listed"},
			&cli.StringFlag{Category: "What", Name: "run", Usage: "`RUN` whose network to use: must be the index's (default: the copy in the index)"},
			&cli.StringFlag{Category: "Output", Name: "sheet", Usage: "PNG `FILE` of what was found"},
			&cli.BoolFlag{Category: "Output", Name: "json", Usage: "print one JSON object"},
		},
		Action: searchIndex,
	}
}

func searchIndex(c *cli.Context) (err error) {
	if !c.Args().Present() {
		return fmt.Errorf("give an index and pictures: see %s --help", c.Command.HelpName)
	}
	if k := c.Int("neighbors"); k < 1 {
		return fmt.Errorf("--neighbors is %d: give 1 or more", k)
	}
	dir, names := c.Args().First(), c.Args().Tail()
	x, err := index.Open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	otherwise := math.Inf(-1)
	if c.Bool("duplicates") {
		otherwise = finder.NearIdentical
	}
	least, err := finder.Least(c.String("threshold"), x, otherwise)
	if err != nil {
		return err
	}
	filter := index.Filter{Groups: c.StringSlice("group"), NotGroups: c.StringSlice("not-group")}
	if c.Bool("duplicates") {
		if len(names) > 0 {
			return fmt.Errorf("%q is not expected: --duplicates looks at the index alone", names[0])
		}
		d, err := finder.FindDuplicates(x, least, c.Int("most"), filter)
		if err != nil {
			return err
		}
		return showFound(c, d, d.Text("--most"), d.Sheet)
	}
	if len(names) == 0 {
		return fmt.Errorf("give pictures to search for, or - for one on standard input: see %s --help", c.Command.HelpName)
	}
	e, err := finder.Open(cmp.Or(c.String("run"), dir))
	if err != nil {
		return err
	}
	found, err := e.Search(x, finder.Queries(names, os.Stdin), c.Int("neighbors"), filter, least)
	if err != nil {
		return err
	}
	return showFound(c, found, found.Text(), found.Sheet)
}

// showFound draws what was found to --sheet, and prints it.
func showFound(c *cli.Context, found any, text string, sheet func(io.Writer) error) error {
	if file := c.String("sheet"); file != "" {
		if err := record.WriteFile(file, sheet); err != nil {
			return err
		}
	}
	return show(c, found, text)
}
