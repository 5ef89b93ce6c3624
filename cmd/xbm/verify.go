package main

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// verifyTolerance is the relative error that float32 may leave against the
// references' float64, as their README sets it.
const verifyTolerance = 1e-4

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
	var passed, failed int
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		e, err := verifyFile(path)
		if err != nil {
			failed++
			fmt.Fprintf(c.App.Writer, "FAIL  %-50s %v\n", name, err)
			continue
		}
		verdict := "ok  "
		if e.past() {
			failed++
			verdict = "FAIL"
		} else {
			passed++
		}
		fmt.Fprintf(c.App.Writer, "%s  %-50s %s\n", verdict, name, e)
	}
	fmt.Fprintf(c.App.Writer, "%d of %d cases passed, %d failed\n", passed, len(paths), failed)
	if failed > 0 {
		return fmt.Errorf("verify: %d of %d cases are wrong or past %g", failed, len(paths), verifyTolerance)
	}
	return nil
}

// caseErrors are the relative errors of one case.
type caseErrors struct {
	value, grad float64
	hasGrad     bool
}

// past reports whether an error is too large; NaN is.
func (e caseErrors) past() bool { return !(e.value <= verifyTolerance && e.grad <= verifyTolerance) }

func (e caseErrors) String() string {
	if e.hasGrad {
		return fmt.Sprintf("value %.1e  gradient %.1e", e.value, e.grad)
	}
	return fmt.Sprintf("value %.1e", e.value)
}

// number takes in one more value.
func (e *caseErrors) number(got, want float64) {
	e.worsen(&e.value, math.Abs(got-want)/math.Max(math.Abs(want), 1e-8))
}

// gradient takes in one more gradient: ‖got-want‖ over ‖want‖.
func (e *caseErrors) gradient(got []float32, want []float64) error {
	if len(got) != len(want) {
		return fmt.Errorf("the case's gradient has %d numbers for %d in its embeddings", len(want), len(got))
	}
	var diff, norm float64
	for i, w := range want {
		diff += (float64(got[i]) - w) * (float64(got[i]) - w)
		norm += w * w
	}
	e.hasGrad = true
	e.worsen(&e.grad, math.Sqrt(diff)/math.Max(math.Sqrt(norm), 1e-8))
	return nil
}

// worsen keeps the larger error, and NaN over any.
func (*caseErrors) worsen(e *float64, by float64) {
	if !(by <= *e) {
		*e = by
	}
}
