package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Stored is what Open reads of a run folder.
type Stored struct {
	Dir    string
	Config map[string]any // by key, as YAML has them
	// Chosen is what a search chose for this run alone, by key; nil for none.
	Chosen map[string]string
	// Outcome is nil where the run is not complete: it goes on, or was stopped.
	Outcome *Outcome
	// Environment is nil where there is none, as in runs of older versions.
	Environment *Environment
}

// ErrNoRun says that a folder holds no run.
var ErrNoRun = errors.New("there is no run")

// Open reads what the run folder dir holds but the metrics, which [Metrics]
// reads. The error wraps ErrNoRun where dir is no run folder.
func Open(dir string) (*Stored, error) {
	text, err := ReadText(filepath.Join(dir, ConfigFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("record: %s: %w: give a folder that holds a %s", dir, ErrNoRun, ConfigFile)
	case err != nil:
		return nil, fmt.Errorf("record: %w", err)
	}
	if err := Plan(dir, nil); err != nil {
		return nil, err
	}
	s := &Stored{Dir: dir}
	if err := yaml.Unmarshal(text, &s.Config); err != nil {
		return nil, fmt.Errorf("record: %s is damaged: %w", filepath.Join(dir, ConfigFile), err)
	}
	if _, said := s.Config["enqueue"]; !said && s.Config["combine"] == "paper" {
		s.Config["combine"] = "both" // as older versions meant it, see trainer.Config.TakeIn
	}
	chosen := filepath.Join(dir, TuneFolder, ChosenFile)
	if _, err := readJSON(chosen, &s.Chosen); err != nil {
		return nil, fmt.Errorf("record: %s is damaged: %w", chosen, err)
	}
	var outcome Outcome
	switch ok, err := readJSON(filepath.Join(dir, ScoresFile), &outcome); {
	case err != nil:
		return nil, fmt.Errorf("record: %s is damaged: %w", filepath.Join(dir, ScoresFile), err)
	case ok:
		s.Outcome = &outcome
	}
	var environment Environment
	switch ok, err := readJSON(filepath.Join(dir, EnvironmentFile), &environment); {
	case err != nil:
		return nil, fmt.Errorf("record: %s is damaged: %w", filepath.Join(dir, EnvironmentFile), err)
	case ok:
		s.Environment = &environment
	}
	return s, nil
}

// IsRun tells whether a folder holds a run, not a trial: a configuration and
// metrics.
func IsRun(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, TrialFile))
	return err != nil && isTraining(dir)
}

// isTraining tells whether a folder holds a run or a trial.
func isTraining(dir string) bool {
	for _, name := range []string{ConfigFile, MetricsFile} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || !info.Mode().IsRegular() {
			return false
		}
	}
	return true
}

// Find lists the run folders at and below root, in the order of their paths, but
// for trials, complete or not. Links to folders are not followed.
func Find(root string) ([]string, error) {
	return find(root, func(path string) bool {
		below, err := filepath.Rel(root, path)
		return err == nil && IsRun(path) && !slices.Contains(strings.Split(filepath.ToSlash(below), "/"), TuneFolder)
	})
}

// find lists the folders at and below root that are so.
func find(root string, so func(path string) bool) ([]string, error) {
	var found []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && so(path) {
			found = append(found, path)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	slices.Sort(found)
	return found, nil
}
