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
			"Exit code 1 if one is past 1e-4. Cases of kinds that are not there yet are named and not counted.",
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
	var missing []string
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		e, err := verifyFile(path)
		switch {
		case err == errNotThere:
			missing = append(missing, name)
			continue
		case err != nil:
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
	for _, name := range missing {
		fmt.Fprintf(c.App.Writer, "-     %-50s not there yet\n", name)
	}
	fmt.Fprintf(c.App.Writer, "%d passed, %d failed, %d not there yet, of %d cases\n", passed, failed, len(missing), len(paths))
	if failed > 0 {
		return fmt.Errorf("verify: %d of %d cases are past %g", failed, passed+failed, verifyTolerance)
	}
	if passed == 0 {
		return fmt.Errorf("verify: %s holds no case that this build knows", dir)
	}
	return nil
}

// errNotThere says that this build does not have what the case is about.
var errNotThere = fmt.Errorf("not there yet")

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
