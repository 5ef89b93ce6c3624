package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

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
		Action: func(c *cli.Context) error {
			if c.Args().Len() != 1 {
				return fmt.Errorf("give one folder of cases: xbm verify testdata/reference/cases")
			}
			return verify(c)
		},
	}
}

func verify(c *cli.Context) error {
	dir := c.Args().First()
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if len(paths) == 0 {
		return fmt.Errorf("verify: there are no *.json in %s: give the folder that holds the cases", dir)
	}
	slices.Sort(paths)
	var passed, failed, others int
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		e, err := reference.CheckFile(path)
		if errors.Is(err, reference.ErrOther) {
			others++
			fmt.Fprintf(c.App.Writer, "--    %-50s %v\n", name, err)
			continue
		}
		if err != nil {
			failed++
			fmt.Fprintf(c.App.Writer, "FAIL  %-50s %v\n", name, err)
			continue
		}
		verdict := "ok  "
		if e.Past() {
			failed++
			verdict = "FAIL"
		} else {
			passed++
		}
		fmt.Fprintf(c.App.Writer, "%s  %-50s %s\n", verdict, name, e)
	}
	if others > 0 {
		fmt.Fprintf(c.App.Writer, "%d are of kinds that are not checked here\n", others)
	}
	fmt.Fprintf(c.App.Writer, "%d of %d cases passed, %d failed\n", passed, len(paths)-others, failed)
	if failed > 0 {
		return fmt.Errorf("verify: %d of %d cases are wrong or past %g", failed, len(paths), reference.Tolerance)
	}
	return nil
}
