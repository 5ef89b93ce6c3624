package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

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
				Description: help("runs-compare"),
				Flags:       []cli.Flag{asJSON},
				Action:      compareRuns,
			},
			{
				Name: "delete", Usage: "remove runs", ArgsUsage: "RUN…",
				Description: help("runs-delete"),
				Flags:       []cli.Flag{&cli.BoolFlag{Name: "yes", Usage: "do not ask"}, asJSON},
				Action:      deleteRuns,
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
	if err != nil {
		return err
	}
	return show(c, map[string]any{"runs": runs}, report.RunList(dir, runs))
}

func compareRuns(c *cli.Context) error {
	if c.Args().Len() != 2 {
		return errors.New("give two folders of runs: xbm runs compare A B")
	}
	a, b := c.Args().Get(0), c.Args().Get(1)
	keys, err := study.ReportKeys()
	if err != nil {
		return err
	}
	found, err := report.Compare(a, b, keys)
	if err != nil {
		return err
	}
	return show(c, found, found.Text(a, b))
}

func deleteRuns(c *cli.Context) error {
	dirs := c.Args().Slice()
	if len(dirs) == 0 {
		return errors.New("give the folders of the runs to delete: xbm runs delete RUN…")
	}
	if err := record.MayDelete(dirs); err != nil {
		return err
	}
	if !c.Bool("yes") {
		if err := askToDelete(c, dirs); err != nil {
			return err
		}
	}
	deleted, kept, err := record.DeleteAll(dirs)
	if err != nil {
		return err
	}
	text := "deleted " + strings.Join(deleted, "\ndeleted ") + "\n"
	for _, path := range kept {
		text += fmt.Sprintf("kept %s, which is no run's\n", path)
	}
	return show(c, map[string][]string{"deleted": deleted, "kept": kept}, text)
}

// askToDelete wants a yes from a person.
func askToDelete(c *cli.Context, dirs []string) error {
	in := c.App.Reader
	if f, ok := in.(*os.File); ok && !term.IsTerminal(int(f.Fd())) {
		return fmt.Errorf("nothing was deleted: give --yes, there being nobody to ask")
	}
	fmt.Fprintf(c.App.ErrWriter, "delete %s? [y/N] ", strings.Join(dirs, ", "))
	answer, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("the answer cannot be read: %w: nothing was deleted", err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errors.New("nothing was deleted")
}
