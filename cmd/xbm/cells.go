package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer/run"
	"crossbatch/trainer/setting"
	"crossbatch/trainer/setting/flags"
	"crossbatch/trainer/study"
)

// machines reads on which machines the cells of a study are to be made.
func machines(c *cli.Context) (m study.Machines) {
	flags.Apply(c, m.Settings())
	m.Options, m.AtOnce = *c.Generic("sbatch").(*repeated), c.Int("jobs")
	return m
}

// ofCells makes a cell of a study that is there, or shows how its cells stand.
func ofCells(c *cli.Context, kind string, m study.Machines, processors int) error {
	s := run.DefaultSettings()
	s.Keep = run.Keep{} // the plan's
	if other := ofStudy(c); other != "" {
		return fmt.Errorf("the study has its own settings: leave out --%s", other)
	}
	if m.Cell != "" && !c.IsSet("out") {
		return errors.New("--cell makes a cell of a plan: give its folder to --out")
	}
	err := readInto(c, &s)
	if err == nil {
		err = ready(s)
	}
	if err != nil {
		return err
	}
	r, err := newRunner(c, kind, s, processors)
	if err != nil {
		return err
	}
	if m.Cell != "" {
		return r.MakeCellOf(c.Context, m, newConsole(c.App.ErrWriter).session(s.Loading))
	}
	r.Dir = m.Status
	status, err := r.ReadStatus()
	if err != nil {
		return err
	}
	return show(c, status, status.Text())
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

// goesOn reads the study in --out where no flag says what it is; nil where there is none.
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
