package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer/run"
	"crossbatch/trainer/setting"
	"crossbatch/trainer/study"
)

// ofCells does what asks for cells of a study and not for all of it; asked is false where
// nothing does.
func ofCells(c *cli.Context, kind string, processors int) (asked bool, err error) {
	if !c.IsSet("status") && !c.IsSet("cell") {
		return false, nil
	}
	s := run.DefaultSettings()
	s.Keep = run.Keep{} // the plan's
	if other := ofStudy(c); other != "" {
		return true, fmt.Errorf("the study has its own settings: leave out --%s", other)
	}
	if err := readInto(c, &s); err != nil {
		return true, err
	}
	r, err := newRunner(c, kind, s, processors)
	if err != nil {
		return true, err
	}
	if c.IsSet("status") {
		r.Dir = c.String("status")
		status, err := r.ReadStatus()
		if err != nil {
			return true, err
		}
		return true, show(c, status, status.Text())
	}
	number, err := study.ParseCell(c.String("cell"), os.Getenv)
	if err == nil && !c.IsSet("out") {
		err = errors.New("--cell makes a cell of a plan: give its folder to --out")
	}
	if err != nil {
		return true, err
	}
	if err := ready(s); err != nil {
		return true, err
	}
	console := newConsole(c.App.ErrWriter)
	r.Log = console.log
	return true, r.MakeCell(c.Context, number, c.Bool("wait"), console.session(s.Loading))
}

// ofStudy is a flag that was given and says what a study is, "" where none does: the
// others say where and how it is made.
func ofStudy(c *cli.Context) string {
	s := run.DefaultSettings()
	how := map[string]bool{}
	for _, row := range s.List() {
		how[row.Key] = row.Scope == setting.Machine
	}
	for _, f := range studyFlags("") {
		how[f.Names()[0]] = true
	}
	for _, name := range c.LocalFlagNames() {
		if !how[name] {
			return name
		}
	}
	return ""
}

// goesOn reads the study in --out where no flag says what it is.
func goesOn(c *cli.Context) (*study.Study, error) {
	if !c.IsSet("out") || c.Bool("force") || ofStudy(c) != "" {
		return nil, nil
	}
	if _, err := os.Stat(filepath.Join(c.String("out"), study.File)); err != nil {
		return nil, nil // it is a new one
	}
	s, err := study.Begun(c.String("out"))
	return &s, err
}

// printPlan prints what a plan came to.
func printPlan(c *cli.Context, p study.Plan, err error) error {
	if err != nil {
		return err
	}
	return show(c, p, p.Text())
}
