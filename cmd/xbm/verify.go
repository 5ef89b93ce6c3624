package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/reference"
)

func verifyCommand() *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Usage:     "check this build's losses and metrics against reference numbers",
		ArgsUsage: "DIR",
		Description: "Runs every case DIR/*.json, as in testdata/reference/cases, and prints its relative errors.\n" +
			"Exit code 1 if one is past 1e-4.",
		Action: verify,
	}
}

func verify(c *cli.Context) error {
	if c.Args().Len() != 1 {
		return errors.New("give one folder of cases: xbm verify testdata/reference/cases")
	}
	n, err := reference.CheckFolder(c.Args().First(), func(r reference.Result) { fmt.Fprintln(c.App.Writer, r) })
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if n.Other > 0 {
		fmt.Fprintf(c.App.Writer, "%d are of kinds that are not checked here\n", n.Other)
	}
	fmt.Fprintf(c.App.Writer, "%d of %d cases passed, %d failed\n", n.Passed, n.Passed+n.Failed, n.Failed)
	if n.Failed > 0 {
		return fmt.Errorf("verify: %d of %d cases are wrong or past %g", n.Failed, n.Passed+n.Failed+n.Other, reference.Tolerance)
	}
	return nil
}
