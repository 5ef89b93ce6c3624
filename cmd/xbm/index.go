package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/index"
	"crossbatch/eval/record"
	"crossbatch/trainer/finder"
	"crossbatch/trainer/run"
	"crossbatch/trainer/setting/flags"
)

func indexCommand() *cli.Command {
	return &cli.Command{
		Name:        "index",
		Usage:       "make a folder in which pictures are found by their looks",
		ArgsUsage:   "RUN",
		Description: help("index"),
		Subcommands: []*cli.Command{indexAddCommand(), indexRemoveCommand(), indexThresholdCommand(), indexCompactCommand(), indexInfoCommand(), indexExportCommand()},
		Flags: append(pictureFlags("as above (default: the run's own data)"),
			&cli.StringFlag{Category: "Index", Name: "out", Usage: "`FOLDER` of the index"},
			&cli.BoolFlag{Category: "Index", Name: "half", Usage: "16 bits a number: half the room, similarities differ in the fourth digit"}),
		Action: makeIndex,
	}
}

// pictureFlags say which pictures go into an index, and how; data is where those of --data
// come from.
func pictureFlags(data string) []cli.Flag {
	how := finder.Adding{}
	return slices.Concat([]cli.Flag{
		&cli.StringFlag{Category: "What", Name: "data", Usage: "`PICTURES`, " + data},
		&cli.StringFlag{Category: "What", Name: "part", Value: run.PartAll, Usage: "`PART` of a data set: all, test, validation, train; query, gallery, where it has these"},
		&cli.BoolFlag{Category: "Index", Name: "json", Usage: "print what was done as one JSON object"},
	}, flagsOf(how.Settings()), flagsOf(usual(readingKeys()...)))
}

func makeIndex(c *cli.Context) (err error) {
	out := c.String("out")
	switch {
	case c.Args().Len() != 1:
		return fmt.Errorf("give the folder of one run: see %s --help", c.Command.HelpName)
	case out == "":
		return errors.New("give a folder for the index: --out FOLDER")
	}
	if err := threads(c); err != nil {
		return err
	}
	dir := c.Args().First()
	e, w, err := finder.Create(out, dir, index.Options{Half: c.Bool("half")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	return fill(c, e, w, dir, nil)
}

// fill adds pictures to an index: the files, or what --data says, by default the set of
// the run in dir.
func fill(c *cli.Context, e *finder.Encoder, w *index.Writer, dir string, paths []string) error {
	console := newConsole(c.App.ErrWriter)
	parts := console.Parts()
	defer parts.End()
	how := finder.Adding{Progress: func(done, of int) { parts.At("embedding pictures", done, of) }}
	flags.Apply(c, how.Settings())
	report, err := e.Add(c.Context, w, finder.Pictures{Files: paths, Data: c.String("data"), Stdin: os.Stdin, Set: func() (m *run.Model, images []int, err error) {
		if m, err = openRun(c, console, dir); err == nil {
			images, err = m.Part(c.String("part"))
		}
		return m, images, err
	}}, how)
	if err != nil {
		return err
	}
	parts.End()
	for _, warning := range report.Warnings() {
		console.log.Warn(warning)
	}
	return show(c, report, fmt.Sprintf("%sFind some with\n  xbm search %s PICTURE\n  xbm serve %s\n", report.Text(), report.Index, report.Index))
}

func indexAddCommand() *cli.Command {
	return &cli.Command{
		Name:      "add",
		Usage:     "add pictures to an index; those whose names are there are passed over",
		ArgsUsage: "INDEX [FILE…]",
		Flags: append(pictureFlags("as in xbm index --help"),
			&cli.StringFlag{Category: "What", Name: "run", Usage: "`RUN` whose network to use: must be the index's (default: the copy in the index)"}),
		Action: func(c *cli.Context) (err error) {
			out := c.Args().First()
			if out == "" || c.Args().Len() < 2 && !c.IsSet("data") {
				return fmt.Errorf("give an index and pictures, files or --data: see %s --help", c.Command.HelpName)
			}
			if err := threads(c); err != nil {
				return err
			}
			e, w, err := finder.Append(out, c.String("run"))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, w.Close()) }()
			return fill(c, e, w, cmp.Or(c.String("run"), finder.Folder(out)), c.Args().Tail())
		},
	}
}

func indexRemoveCommand() *cli.Command {
	return &cli.Command{
		Name:      "remove",
		Usage:     "remove pictures from an index, by their names in it",
		ArgsUsage: "INDEX NAME…",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "group", Usage: "remove all of a `GROUP` too"},
			&cli.BoolFlag{Name: "compact", Usage: "write the index anew without them, so that nothing of them is left on the disk"},
		},
		Action: func(c *cli.Context) error {
			if !c.Args().Present() || c.Args().Len() < 2 && !c.IsSet("group") {
				return fmt.Errorf("give an index and names of pictures, or --group: see %s --help", c.Command.HelpName)
			}
			dir := c.Args().First()
			removed, left, err := index.Remove(dir, c.Args().Tail(), c.StringSlice("group"), c.Bool("compact"))
			if err != nil {
				return err
			}
			return say(c, "%d pictures removed; %d are in %s\n", removed, left, dir)
		},
	}
}

func indexThresholdCommand() *cli.Command {
	return &cli.Command{
		Name:      "threshold",
		Usage:     "choose the least similarity of pictures of one class, on a run's validation classes, and keep it in the index",
		ArgsUsage: "INDEX RUN",
		Flags:     flagsOf(usual(readingKeys()...)),
		Action: func(c *cli.Context) error {
			if c.Args().Len() != 2 {
				return fmt.Errorf("give an index and the run that its network is of: see %s --help", c.Command.HelpName)
			}
			dir, of := c.Args().Get(0), c.Args().Get(1)
			e, err := finder.Open(of)
			if err != nil {
				return err
			}
			m, err := openRun(c, newConsole(c.App.ErrWriter), of)
			if err != nil {
				return err
			}
			t, err := e.ChooseThreshold(c.Context, m, dir)
			if err != nil {
				return err
			}
			return say(c, "%s", t.Text())
		},
	}
}

func indexCompactCommand() *cli.Command {
	return &cli.Command{
		Name:      "compact",
		Usage:     "write an index anew without what was removed",
		ArgsUsage: "INDEX",
		Action:    onIndex(func(_ *cli.Context, dir string) error { return index.Compact(dir) }),
	}
}

// onIndex is the action of a command whose only word is an index.
func onIndex(do func(c *cli.Context, dir string) error) cli.ActionFunc {
	return func(c *cli.Context) error {
		if c.Args().Len() != 1 {
			return fmt.Errorf("give one index: see %s --help", c.Command.HelpName)
		}
		return do(c, c.Args().First())
	}
}

func indexInfoCommand() *cli.Command {
	return &cli.Command{
		Name:      "info",
		Usage:     "say what an index holds, and whether it is whole",
		ArgsUsage: "INDEX",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "check", Usage: "read all of it and compare it with its checksums"},
			&cli.BoolFlag{Name: "json", Usage: "print one JSON object"},
		},
		Action: onIndex(func(c *cli.Context, dir string) error {
			info, err := index.ReadInfo(dir, c.Bool("check"))
			if err != nil {
				return err
			}
			return show(c, info, info.Text())
		}),
	}
}

func indexExportCommand() *cli.Command {
	var names, help []string
	for _, f := range index.Formats() {
		names = append(names, f.Name)
		help = append(help, f.Help())
	}
	return &cli.Command{
		Name:      "export",
		Usage:     "take the rows of an index to another program",
		ArgsUsage: "INDEX",
		Description: "Writes the embeddings with their names and groups to the folder --out. Formats, and how they are\n" +
			"read there:\n" + strings.Join(help, "\n"),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Value: "npy", Usage: "`FORMAT`: " + strings.Join(names, ", ")},
			&cli.StringFlag{Name: "out", Usage: "`FOLDER` for the files"},
		},
		Action: onIndex(func(c *cli.Context, dir string) error {
			out := c.String("out")
			if out == "" {
				return errors.New("give a folder for the files: --out FOLDER")
			}
			rows, err := index.Export(dir, c.String("format"), record.Folder{Path: out})
			if err != nil {
				return err
			}
			return say(c, "%d rows are in %s\n", rows, out)
		}),
	}
}
