package study

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
	"crossbatch/trainer/run"
)

// PlanFile is the file with the [Plan] of a study, in its folder.
const PlanFile = "plan.yaml"

// Plan is a study as a numbered list of cells. Any process can make a cell, in any order and
// on any machine, see [Runner.MakeCell].
type Plan struct {
	Version string    `yaml:"version"` // of the program that must make all cells
	Command []string  `yaml:"command,flow"`
	Keep    PlanKeep  `yaml:"keep,flow"`
	Data    []string  `yaml:"data"` // fingerprints of the data sets of the cells
	Cells   []Planned `yaml:"cells"`

	dir, line string // the study's folder, and the command that makes it
}

// PlanKeep is run.Keep in a plan.
type PlanKeep struct {
	CheckpointEvery int64 `yaml:"checkpoint-every"`
	KeepCheckpoints int   `yaml:"keep-checkpoints"`
}

// Planned is one cell of a plan.
type Planned struct {
	Cell  int    `yaml:"cell"`  // its number, from 1
	Stage string `yaml:"stage"` // whose cells depend on all cells of the stages before
	Run   string `yaml:"run"`   // its folder in the study's
	Data  int    `yaml:"data"`  // index of its data set in Plan.Data
	Hash  string `yaml:"hash"`  // of its configuration, its data and the version
}

// MarshalYAML writes a cell on one line. It implements yaml.Marshaler.
func (p Planned) MarshalYAML() (any, error) {
	type plain Planned
	var n yaml.Node
	err := n.Encode(plain(p))
	n.Style = yaml.FlowStyle
	return &n, err
}

// Stages returns the stages of the plan, each with its first and last cell.
func (p Plan) Stages() (stages []StageCells) {
	for _, c := range p.Cells {
		if n := len(stages); n == 0 || stages[n-1].Name != c.Stage {
			stages = append(stages, StageCells{Name: c.Stage, First: c.Cell})
		}
		stages[len(stages)-1].Last = c.Cell
	}
	return stages
}

// Text describes the plan: its cells, and the commands that make them.
func (p Plan) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d cells are planned in %s\n", len(p.Cells), filepath.Join(p.dir, PlanFile))
	for _, s := range p.Stages() {
		fmt.Fprintf(&b, "  %d to %d: %s\n", s.First, s.Last, s.Name)
	}
	fmt.Fprintf(&b, "\nOn any machine that sees this folder:\n"+
		"  %[1]s --out %[2]s --cell NUMBER   makes one of them; --cell array: the scheduler's\n"+
		"  %[1]s --out %[2]s                 makes what is missing, and the page\n"+
		"  %[1]s --status %[2]s              shows how far they are\n", p.line, run.Quoted(p.dir))
	return b.String()
}

// StageCells are the cells of one stage of a plan: First to Last, from 1.
type StageCells struct {
	Name        string
	First, Last int
}

// PlanGrid checks a grid and writes the study and its plan to the runner's folder. It makes no
// run. Cells that are complete stay so.
func (r *Runner) PlanGrid(ctx context.Context, grid Grid) (Plan, error) {
	l, err := r.toPlan(grid)
	if err != nil {
		return Plan{}, err
	}
	return r.plan(ctx, l)
}

// toPlan lays out a grid that is to be planned. What could not be made is refused.
func (r *Runner) toPlan(grid Grid) (layout, error) {
	g, err := r.newGridStudy(grid)
	if err == nil {
		err = g.checkSplits(r)
	}
	if err != nil {
		return layout{}, err
	}
	return g.planned(r)
}

// PlanProtocol is [Runner.PlanGrid] for a protocol. The cells of the reproductions depend on
// those of the trials.
func (r *Runner) PlanProtocol(ctx context.Context, protocol Protocol) (Plan, error) {
	p, err := r.newProtocolStudy(protocol)
	if err != nil {
		return Plan{}, err
	}
	return r.plan(ctx, p.layout)
}

func (r *Runner) plan(ctx context.Context, l layout) (Plan, error) {
	if err := checkStudy(r.Dir, l.study, r.Force); err != nil {
		return Plan{}, err
	}
	prints, err := r.fingerprints(ctx, l)
	if err != nil {
		return Plan{}, err
	}
	plan, err := l.plan(version(), prints)
	if err != nil {
		return Plan{}, err
	}
	plan.Command, plan.Keep = r.Command, PlanKeep(r.Keep)
	plan.dir, plan.line = r.Dir, l.study.line()
	if err := r.mayReplan(plan); err != nil {
		return Plan{}, err
	}
	if err := r.openStudy(l); err != nil {
		return Plan{}, err
	}
	return plan, writeText(r.Dir, PlanFile, func(w io.Writer) error {
		e := yaml.NewEncoder(w)
		return errors.Join(e.Encode(plan), e.Close())
	})
}

// mayReplan refuses a plan other than the one that is there while a process is at work. With
// force, openStudy refuses to replace a study at work.
func (r *Runner) mayReplan(plan Plan) error {
	if r.Force {
		return nil
	}
	switch was, err := readPlan(r.Dir); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case slices.Equal(was.Cells, plan.Cells):
		return nil
	}
	return r.unheld(" by the plan that is there, and this is another: wait until it has ended")
}

// plan numbers the cells.
func (l layout) plan(version string, fingerprint map[dataOf]string) (Plan, error) {
	p := Plan{Version: version}
	for _, s := range l.stages {
		for _, o := range s.runs {
			printed := fingerprint[ofData(o.config)]
			data := slices.Index(p.Data, printed)
			if data < 0 {
				data = len(p.Data)
				p.Data = append(p.Data, printed)
			}
			hash, err := o.hash(l.study, version, printed)
			if err != nil {
				return p, err
			}
			p.Cells = append(p.Cells, Planned{Cell: len(p.Cells) + 1, Stage: s.name, Run: o.name, Data: data, Hash: hash})
		}
	}
	return p, nil
}

// hash is of all that the numbers of a run depend on, as far as it is known when it is
// planned.
func (o oneRun) hash(s Study, version, fingerprint string) (string, error) {
	text, err := yaml.Marshal(struct {
		Version, Data, Run, Search string
		Trial, Baselines           bool
		Fixed                      []Setting
		Config                     trainer.Config
	}{version, fingerprint, o.name, o.search.String(), o.trial, o.baselines, s.Fixed, o.config})
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), err
}

// dataOf is what a fingerprint depends on.
type dataOf struct {
	set, resize, augment string
	size                 data.Size
	skipBroken           bool
	weights              string
}

func ofData(c trainer.Config) dataOf {
	return dataOf{c.Data.Set, c.Data.Resize, c.Data.Augment, c.Data.ImageSize, c.Data.SkipBroken, c.Network.Weights}
}

// fingerprints are those of all sets of the runs. One run of each kind is prepared.
func (r *Runner) fingerprints(ctx context.Context, l layout) (map[dataOf]string, error) {
	prints := map[dataOf]string{}
	s := r.session()
	for i, o := range slices.Concat(l.sample, l.all()) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if i < len(l.sample) {
			if err := s.Check(o.config); err != nil {
				return nil, fmt.Errorf("%s: %w", o.name, err)
			}
		}
		if _, known := prints[ofData(o.config)]; known {
			continue
		}
		var err error
		if prints[ofData(o.config)], err = s.Fingerprint(o.config); err != nil {
			return nil, fmt.Errorf("%s: %w", o.name, err)
		}
	}
	return prints, s.Close()
}

// readPlan reads the plan of the study in dir.
func readPlan(dir string) (p Plan, err error) {
	path := filepath.Join(dir, PlanFile)
	text, err := record.ReadText(path)
	if err != nil {
		return p, err
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&p); err != nil {
		return p, fmt.Errorf("%s is no plan, or one of another version: %w", path, err)
	}
	return p, nil
}

// version tells builds of the program apart: by the revision of its source, or, where
// that is not known or was changed, by what was built.
func version() string {
	here := record.Here(0, nil)
	text := strings.TrimSpace(here.Module + " " + here.Revision)
	if here.Revision != "" && !here.Modified {
		return text
	}
	sum := sha256.New()
	path, err := os.Executable()
	if err == nil {
		var file *os.File
		if file, err = os.Open(path); err == nil {
			_, err = io.Copy(sum, file)
			err = errors.Join(err, file.Close())
		}
	}
	if err != nil {
		return text
	}
	return text + ", build " + hex.EncodeToString(sum.Sum(nil)[:8])
}
