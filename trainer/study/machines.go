package study

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"crossbatch/trainer/run"
	"crossbatch/trainer/setting"
	"crossbatch/trainer/study/cluster"
)

// Machines says how the cells of a study are distributed over machines, as the command xbm
// ablate takes it. The zero value makes them all in this process or its children.
type Machines struct {
	Plan          bool     // write the plan, make no cell
	Cell          string   // make one cell: its number, or ArrayTask
	First         int      // cell of the array's first task; 0: 1
	Wait          bool     // wait for the cells that Cell depends on
	Status        string   // show the status of the study in this folder
	Slurm, Submit bool     // write scripts for Slurm; also submit them
	Options       []string // of sbatch
	Kubernetes    bool     // write a manifest for Kubernetes
	Image, Volume string   // container image; CLAIM:PATH of the persistent volume claim
	AtOnce        int      // tasks at a time; 0: as many as the scheduler has room for
}

// ArrayTask is the value of Machines.Cell for a task of a scheduler's array, see [ArrayCell].
const ArrayTask = "array"

// Settings returns the settings of the fields with a single value, bound to them.
func (m *Machines) Settings() []setting.Setting {
	const group = "Many machines"
	return []setting.Setting{
		{Key: "plan", Value: &m.Plan, Group: group, Help: "write the numbered list of the study's cells to --out, check it, and make none"},
		{Key: "cell", Value: &m.Cell, Group: group, Range: setting.Form("a number"), Help: "make the cell of this `NUMBER`, from 1, of the plan in --out, alone; array: the number that Slurm, PBS, SGE, Kubernetes or AWS Batch gives this task"},
		{Key: "first", Value: &m.First, Group: group, Unit: "cells", Range: setting.AtLeast(0).Note("1"), Help: "with --cell array: the `CELL` of the array's first task"},
		{Key: "wait", Value: &m.Wait, Group: group, Help: "with --cell: wait for the cells that it depends on"},
		{Key: "status", Value: &m.Status, Group: group, Range: setting.Form("a folder"), Help: "show how the cells of the study in `FOLDER` stand, and nothing else"},
		{Key: "slurm", Value: &m.Slurm, Group: group, Help: "plan, measure a few steps, and write scripts for Slurm to --out: an array of the cells, --jobs at a time, and the page after it"},
		{Key: "submit", Value: &m.Submit, Group: group, Help: "the same, submit them, and show how the study goes; the same again follows jobs that are there"},
		{Key: "kubernetes", Value: &m.Kubernetes, Group: group, Help: "plan, measure a few steps, and write an indexed job for Kubernetes to --out"},
		{Key: "image", Value: &m.Image, Group: group, Range: setting.Form("an image"), Help: "with --kubernetes: container `IMAGE` that has xbm"},
		{Key: "volume", Value: &m.Volume, Group: group, Range: setting.Form("a claim and a path"), Help: "with --kubernetes: `CLAIM:PATH`, the persistent volume claim that the study's folder lies on, and where it is mounted; relative paths of data begin there"},
	}
}

// IsOfCells tells whether m asks for one cell of an existing study, or for its status.
func (m Machines) IsOfCells() bool { return m.Cell != "" || m.Status != "" }

// IsElsewhere tells whether the study is planned or handed to a scheduler, not made here.
func (m Machines) IsElsewhere() bool { return m.Plan || m.Slurm || m.Submit || m.Kubernetes }

// number is that of the cell that is asked for.
func (m Machines) number(getenv func(string) string) (int, error) {
	number, err := ParseCell(m.Cell, getenv)
	if m.Cell == ArrayTask {
		number += max(1, m.First) - 1
	}
	return number, err
}

// MakeCellOf is [Runner.MakeCell] for the cell that m names.
func (r *Runner) MakeCellOf(ctx context.Context, m Machines, s *run.Session) error {
	number, err := m.number(os.Getenv)
	if err != nil {
		return err
	}
	return r.MakeCell(ctx, number, m.Wait, s)
}

// HandOverGrid plans a grid and hands its cells to a scheduler, as m says. text tells the user
// what to do next. complete tells that all cells are complete.
func (r *Runner) HandOverGrid(ctx context.Context, grid Grid, m Machines) (text string, complete bool, err error) {
	l, err := r.toPlan(grid)
	if err != nil {
		return "", false, err
	}
	return r.handOver(ctx, l, m)
}

// HandOverProtocol is HandOverGrid for a protocol.
func (r *Runner) HandOverProtocol(ctx context.Context, protocol Protocol, m Machines) (text string, complete bool, err error) {
	p, err := r.newProtocolStudy(protocol)
	if err != nil {
		return "", false, err
	}
	return r.handOver(ctx, p.layout, m)
}

func (r *Runner) handOver(ctx context.Context, l layout, m Machines) (text string, complete bool, err error) {
	k, err := m.kubernetes()
	if err != nil {
		return "", false, err
	}
	plan, err := r.plan(ctx, l)
	if err != nil {
		return "", false, err
	}
	if !m.Slurm && !m.Submit && !m.Kubernetes {
		return plan.Text(), false, nil
	}
	slurm := filepath.Join(r.Dir, cluster.SlurmFolder)
	if m.Submit {
		jobs, err := cluster.Submitted(ctx, slurm)
		if err != nil {
			return "", false, err
		}
		if len(jobs) > 0 {
			r.log().Info("jobs are at work on it: " + strings.Join(jobs, " "))
			return r.followJobs(ctx, l, jobs)
		}
	}
	jobs, err := r.jobsOf(ctx, l, m)
	if err != nil {
		return "", false, err
	}
	if len(jobs.Stages) == 0 {
		return fmt.Sprintf("All %d cells are complete: %s --out %s makes the page\n", len(plan.Cells), l.study.line(), run.Quoted(r.Dir)), true, nil
	}
	if m.Kubernetes {
		return r.kubernetes(jobs, k)
	}
	if err := cluster.Write(slurm, jobs.Slurm(m.Options)); err != nil {
		return "", false, err
	}
	if m.Submit {
		list, err := cluster.Submit(ctx, slurm)
		if err != nil {
			return "", false, err
		}
		r.log().Info("submitted as jobs " + strings.Join(list, " "))
		return r.followJobs(ctx, l, list)
	}
	return fmt.Sprintf("%s\nScripts for Slurm are in %s. Look at their times and sizes, then:\n"+
		"  sh %s\nor, to see how the study goes, the same command with --submit.\n", plan.Text(), slurm, run.Quoted(filepath.Join(slurm, cluster.SubmitScript))), false, nil
}

// kubernetes is where Kubernetes makes the study, if it does.
func (m Machines) kubernetes() (cluster.Kubernetes, error) {
	claim, mount, ok := strings.Cut(m.Volume, ":")
	switch {
	case !m.Kubernetes:
		return cluster.Kubernetes{}, nil
	case m.Image == "" || m.Volume == "":
		return cluster.Kubernetes{}, errors.New("give --kubernetes an --image that has xbm, and the --volume that the study lies on")
	case !ok || claim == "" || !filepath.IsAbs(mount):
		return cluster.Kubernetes{}, fmt.Errorf("volume is %q: write it CLAIM:PATH, with an absolute path", m.Volume)
	}
	return cluster.Kubernetes{Image: m.Image, Volume: claim, Mount: mount}, nil
}

// kubernetes writes the manifest.
func (r *Runner) kubernetes(jobs cluster.Jobs, k cluster.Kubernetes) (string, bool, error) {
	jobs.Command[0] = "xbm"
	text, err := jobs.Kubernetes(k)
	if err != nil {
		return "", false, err
	}
	path := filepath.Join(r.Dir, "kubernetes.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return "", false, err
	}
	return fmt.Sprintf("%s was written. With the folder %s on the volume %s, at its top:\n  kubectl apply -f %s\n", path, r.Dir, k.Volume, run.Quoted(path)), false, nil
}

// jobsOf are the jobs of the cells that are missing, by an estimate of each.
func (r *Runner) jobsOf(ctx context.Context, l layout, m Machines) (cluster.Jobs, error) {
	e, err := r.estimate(ctx, l)
	if err != nil {
		return cluster.Jobs{}, err
	}
	dir, err := filepath.Abs(r.Dir)
	if err != nil {
		return cluster.Jobs{}, err
	}
	from, err := os.Getwd()
	if err != nil {
		return cluster.Jobs{}, err
	}
	program, err := os.Executable()
	if err != nil {
		return cluster.Jobs{}, err
	}
	if len(r.Cell) > 0 {
		program = r.Cell[0]
	}
	if strings.Contains(program, "go-build") && !m.Kubernetes {
		return cluster.Jobs{}, fmt.Errorf("%s is there only while go run is: build the command first, go build -o bin/xbm ./cmd/xbm", program)
	}
	jobs := cluster.Jobs{Dir: dir, From: from, Command: []string{program, l.study.command()}, Threads: r.threads(), AtOnce: m.AtOnce}
	first := 1
	for _, s := range l.stages {
		to := cluster.Stage{Name: s.name}
		for i := range s.runs {
			if one := e.Runs[first-1+i]; !one.Complete {
				to.Cells = append(to.Cells, first+i)
				to.Seconds, to.Memory = max(to.Seconds, one.Seconds), max(to.Memory, one.Memory)
			}
		}
		if first += len(s.runs); len(to.Cells) > 0 {
			jobs.Stages = append(jobs.Stages, to)
		}
	}
	return jobs, nil
}

// followJobs shows how the study goes that jobs of Slurm make.
func (r *Runner) followJobs(ctx context.Context, l layout, jobs []string) (string, bool, error) {
	err := r.follow(ctx, l, func(ctx context.Context) (bool, error) {
		alive, err := cluster.Alive(ctx, jobs)
		return len(alive) > 0, err
	})
	switch list := strings.Join(slices.Compact(jobs), " "); {
	case err != nil && ctx.Err() != nil:
		return "", false, fmt.Errorf("%w: the jobs go on: %s --out %s --submit shows them again, --status %s once, scancel %s ends them",
			err, l.study.line(), run.Quoted(r.Dir), run.Quoted(r.Dir), list)
	case err != nil:
		return "", false, fmt.Errorf("%w: see %s; the same command submits the rest", err, filepath.Join(r.Dir, cluster.SlurmFolder, "logs"))
	}
	return "", true, nil
}
