package study

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crossbatch/trainer"
	"crossbatch/trainer/data/datatest"
	"crossbatch/trainer/run"
	"crossbatch/trainer/study/claim"
)

// numbers is a set of 24 classes of eight rows of numbers, which trains at once.
func numbers(t *testing.T) trainer.Config {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	const classes, each, dim = 24, 8, 6
	x, labels := make([]float32, classes*each*dim), make([]int64, classes*each)
	for i := range labels {
		labels[i] = int64(i % classes)
	}
	for i := range x {
		x[i] = float32(random.NormFloat64()) + float32((i/dim%classes)*(i%dim+1)%7)
	}
	root := datatest.Tree(t, map[string][]byte{
		"x.npy": datatest.NPY(t, "<f4", "False", x, classes*each, dim), "y.npy": datatest.NPY(t, "<i8", "False", labels, classes*each),
	})
	c := trainer.Default()
	c.Data.Set = "features:" + filepath.Join(root, "x.npy") + "," + filepath.Join(root, "y.npy")
	c.Network.Kind, c.Network.Width, c.Network.Dim = "linear", 0, 4
	c.Steps, c.Watch.ValidateEvery, c.Memory.Start, c.Batch.Size = 6, 3, 1, 8
	c.Batch.PerClass = 4
	return c
}

func gridOfNumbers(t *testing.T) Grid {
	t.Helper()
	return Grid{Base: numbers(t), Seeds: 2, Axes: []Axis{{Key: "memory", Values: []string{"0", "50%"}}}}
}

// sameFiles compares results of two studies.
func sameFiles(t *testing.T, want, got string, names ...string) {
	t.Helper()
	for _, name := range names {
		a, err := os.ReadFile(filepath.Join(want, name))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(filepath.Join(got, name)); err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs: %v\n%s\nand\n%s", name, err, a, b)
		}
	}
}

// begun is how often trainings of a study were begun: claims whose owners have trained.
func begun(t *testing.T, dir string) (total int) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(dir, claimsFolder), func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			return err
		}
		text, err := os.ReadFile(path)
		if !bytes.Contains(text, []byte(" 000000000000000\n")) {
			total++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return total
}

// Two machines make the cells of a plan, each of which both want, and the tables are
// those of one that did all.
func TestCellsMadeByHandAreTheStudy(t *testing.T) {
	t.Parallel()
	grid, work := gridOfNumbers(t), t.TempDir()
	one := Runner{Dir: filepath.Join(work, "one"), Jobs: 2}
	if _, err := one.Grid(t.Context(), grid); err != nil {
		t.Fatal(err)
	}
	planner := Runner{Dir: filepath.Join(work, "many"), Command: []string{"xbm", "ablate"}}
	if err := (&planner).MakeCell(t.Context(), 1, false, &run.Session{}); err == nil || !strings.Contains(err.Error(), "there is no study in") {
		t.Error(err)
	}
	plan, err := planner.PlanGrid(t.Context(), grid)
	if err != nil || len(plan.Cells) != 4 {
		t.Fatalf("%+v, %v", plan, err)
	}
	for _, number := range []int{0, 5} {
		if err := planner.MakeCell(t.Context(), number, false, &run.Session{}); err == nil || err.Error() != fmt.Sprintf("there is no cell %d: they count from 1 to 4", number) {
			t.Error(err)
		}
	}
	var machines sync.WaitGroup
	for range 2 {
		machines.Go(func() {
			r := Runner{Dir: planner.Dir, Beat: time.Second}
			for _, number := range []int{4, 2, 1} {
				err := r.MakeCell(t.Context(), number, false, &run.Session{})
				if err != nil && !errors.As(err, new(*claim.HeldError)) {
					t.Error(err)
				}
			}
		})
	}
	machines.Wait()
	status, err := planner.ReadStatus()
	if err != nil || status.Complete != 3 || status.Cells[2].State != "missing" || status.Cells[3].State != "complete" || !status.Planned {
		t.Errorf("%+v, %v", status, err)
	}
	was, err := Begun(planner.Dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := was.Grid()
	if err != nil {
		t.Fatal(err)
	}
	last := Runner{Dir: planner.Dir}
	if _, err := last.Grid(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	sameFiles(t, one.Dir, planner.Dir, TableFile, CSVFile, File)
	if n := begun(t, planner.Dir); n != 4 {
		t.Errorf("4 runs were begun %d times", n)
	}
}

// Several runners in one folder share the runs out.
func TestRunnersShareAStudy(t *testing.T) {
	t.Parallel()
	grid, dir := gridOfNumbers(t), filepath.Join(t.TempDir(), "study")
	var runners sync.WaitGroup
	var complete atomic.Int32
	for range 3 {
		runners.Go(func() {
			r := Runner{Dir: dir, Jobs: 2, Beat: time.Second}
			result, err := r.Grid(t.Context(), grid)
			if err != nil {
				t.Error(err)
			} else if len(result.Runs) == 4 {
				complete.Add(1)
			}
		})
	}
	runners.Wait()
	if n := begun(t, dir); n != 4 || complete.Load() != 3 {
		t.Errorf("4 runs were begun %d times, and %d runners see all", n, complete.Load())
	}
}

// The reproductions of a protocol depend on its trials.
func TestStagesOfAProtocol(t *testing.T) {
	if testing.Short() {
		t.Skip("short: two studies")
	}
	t.Parallel()
	c := numbers(t)
	c.Data.ClassOrder = trainer.SortedClasses
	p := Protocol{Base: c, Losses: []string{"contrastive"}, Memory: []string{"50%"}, Folds: 2, Trials: 2, Reproductions: 1, Space: Space{{Key: "lr", Low: 1e-3, High: 1e-2}}}
	work := t.TempDir()
	one := Runner{Dir: filepath.Join(work, "one"), Jobs: 2}
	if _, err := one.Protocol(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	r := Runner{Dir: filepath.Join(work, "many"), Beat: time.Second}
	plan, err := r.PlanProtocol(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if stages := plan.Stages(); len(stages) != 2 || stages[0] != (StageCells{"trials", 1, 4}) || stages[1] != (StageCells{"reproductions", 5, 6}) {
		t.Fatalf("%+v", stages)
	}
	if err := r.MakeCell(t.Context(), 5, false, &run.Session{}); err == nil || !strings.Contains(err.Error(), "cell 5: it depends on the trials, of which 4 of 4 are missing") {
		t.Error(err)
	}
	status, err := r.ReadStatus()
	if err != nil || status.Cells[3].State != "missing" || status.Cells[4].State != "waiting" {
		t.Errorf("%+v, %v", status, err)
	}
	var waiting sync.WaitGroup
	waiting.Go(func() {
		after := Runner{Dir: r.Dir, Beat: time.Second}
		if err := after.MakeCell(t.Context(), 6, true, &run.Session{}); err != nil {
			t.Error(err)
		}
	})
	for _, number := range []int{3, 1, 4, 2} {
		if err := r.MakeCell(t.Context(), number, false, &run.Session{}); err != nil {
			t.Fatal(err)
		}
	}
	waiting.Wait()
	if _, err := r.Protocol(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	sameFiles(t, one.Dir, r.Dir, TableFile, CSVFile, protocolJSON, File)
}

// The trials of a search are cells too, round by round, and choose what the search within
// a run chooses.
func TestStagesOfASearch(t *testing.T) {
	if testing.Short() {
		t.Skip("short: two studies")
	}
	t.Parallel()
	grid, work := gridOfNumbers(t), t.TempDir()
	grid.Seeds, grid.Axes = 1, []Axis{{Key: "memory", Values: []string{"50%"}}}
	var err error
	if grid.Search, err = ParseSearch([]string{"lr=1e-4..1e12:4"}); err != nil { // some diverge
		t.Fatal(err)
	}
	grid.Base.Optimizer.Name, grid.Base.Steps = "sgd", 40
	one := Runner{Dir: filepath.Join(work, "one"), Jobs: 2}
	if _, err := one.Grid(t.Context(), grid); err != nil {
		t.Fatal(err)
	}
	r := Runner{Dir: filepath.Join(work, "many"), Beat: time.Second}
	plan, err := r.PlanGrid(t.Context(), grid)
	if err != nil {
		t.Fatal(err)
	}
	if stages := plan.Stages(); len(stages) != 3 || stages[0] != (StageCells{"rung-1", 1, 4}) || stages[1] != (StageCells{"rung-2", 5, 6}) || stages[2] != (StageCells{"runs", 7, 7}) {
		t.Fatalf("%+v", stages)
	}
	if err := r.MakeCell(t.Context(), 5, false, &run.Session{}); err == nil || !strings.Contains(err.Error(), "it depends on the rung-1, of which 4 of 4 are missing") {
		t.Error(err)
	}
	for _, number := range []int{4, 2, 3, 1, 6, 5} {
		if err := r.MakeCell(t.Context(), number, false, &run.Session{}); err != nil {
			t.Fatal(err)
		}
	}
	status, err := r.ReadStatus()
	if err != nil || status.Complete != 6 || status.Cells[6].State != "missing" || status.Cells[5].State != "complete" {
		t.Errorf("%+v, %v", status, err)
	}
	if _, err := r.Grid(t.Context(), grid); err != nil {
		t.Fatal(err)
	}
	sameFiles(t, one.Dir, r.Dir, TableFile, CSVFile, File)
}

func TestPlansOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	grid := gridOfNumbers(t)
	r := Runner{Dir: filepath.Join(t.TempDir(), "study")}
	if _, err := r.PlanGrid(t.Context(), grid); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(r.Dir, PlanFile)
	plan, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	study, err := os.ReadFile(filepath.Join(r.Dir, File))
	if err != nil {
		t.Fatal(err)
	}
	replace := func(text []byte, old, with string) []byte {
		if !bytes.Contains(text, []byte(old)) {
			t.Fatalf("there is no %q in %s", old, text)
		}
		return bytes.Replace(text, []byte(old), []byte(with), 1)
	}
	for want, files := range map[string][2][]byte{
		"the study was planned with \"another ":           {study, replace(plan, "version: ", "version: another ")},
		"cell 1 was planned as":                           {replace(study, "lr: 0.003", "lr: 0.004"), plan},
		"cell 2 was planned as":                           {study, replace(plan, "memory-50pct_batch-8_seed-1", "memory-50pct_batch-8_seed-9")},
		"the plan has 4 cells and the study 6: plan anew": {replace(study, "number: 2", "number: 3"), plan},
		"is no plan, or one of another version":           {study, replace(plan, "cells:", "cell:")},
		"cell 1 is on data 7: plan anew":                  {study, replace(plan, "data: 0", "data: 7")},
		"and in the study it is ":                         {study, replace(plan, "192 images", "193 images")},
	} {
		if err := errors.Join(os.WriteFile(filepath.Join(r.Dir, File), files[0], 0o600), os.WriteFile(path, files[1], 0o600)); err != nil {
			t.Fatal(err)
		}
		if err := r.MakeCell(t.Context(), 1, false, &run.Session{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %q", err, want)
		}
	}
	// The files of the data are others than when it was planned.
	if err := errors.Join(os.WriteFile(filepath.Join(r.Dir, File), study, 0o600), os.WriteFile(path, plan, 0o600)); err != nil {
		t.Fatal(err)
	}
	x, _, _ := strings.Cut(strings.TrimPrefix(grid.Base.Data.Set, "features:"), ",")
	text, err := os.ReadFile(x)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)-1] ^= 1
	if err := os.WriteFile(x, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.MakeCell(t.Context(), 1, false, &run.Session{}); err == nil || !strings.Contains(err.Error(), "the data are not those that the study was planned on") {
		t.Error(err)
	}
	if status, err := r.ReadStatus(); err != nil || status.Failed != 1 || !strings.Contains(status.Text(), "the data are not those") {
		t.Errorf("%+v, %v", status, err)
	}
}
