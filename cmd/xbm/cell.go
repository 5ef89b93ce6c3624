package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer/run"
	"crossbatch/trainer/study"
)

// exitOrphan is the exit code of a cell whose study is gone.
const exitOrphan = 3

// cellCommand is the process of one cell of a study.
func cellCommand() *cli.Command {
	return &cli.Command{
		Name:   "cell",
		Usage:  "make one run of a study, as the study asks for it on standard input",
		Hidden: true,
		Action: func(c *cli.Context) error {
			session := newConsole(c.App.ErrWriter).session(run.Loading{})
			err := study.ServeCell(c.Context, c.App.Reader, c.App.Writer, session, func() { os.Exit(exitOrphan) })
			if errors.Is(err, study.ErrNoRequest) {
				return fmt.Errorf("%w on standard input: this is a part of xbm ablate, see xbm ablate --help", err)
			}
			return err
		},
	}
}
