package report

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"crossbatch/eval/record"
)

// Collection is the complete runs of one study or several, sorted into cells:
// runs that differ in nothing but their seeds.
type Collection struct {
	Axes  []Axis  // the keys of the configuration that vary, memory and batch first
	Cells []*Cell // in the order of the axes' values
	Runs  []*Run  // cell by cell

	// Incomplete are folders of runs without scores, and Repeated those of runs
	// whose configuration another has: their numbers are the same and would make
	// intervals look smaller than they are. Neither is in Runs.
	Incomplete, Repeated []string

	keys  Keys
	tuned []string // keys that were chosen for each run by a search
}

// Axis is a key of the configuration with the values that it takes, ascending.
type Axis struct {
	Key    string
	Values []string
}

// Run is one run of a collection.
type Run struct {
	*record.Stored
	Name       string // the folder's, as it is shown
	repetition string // what it differs in from the other runs of its cell
	config     map[string]string
}

// Cell is the runs of one combination of values.
type Cell struct {
	Values []string // of the collection's axes
	Runs   []*Run   // by seed
}

// The keys that have a place of their own in a report, and those that make a
// repetition.
const (
	memoryKey    = "memory"
	batchKey     = "batch"
	lossKey      = "loss"
	seedKey      = "seed"
	splitSeedKey = "split-seed"
)

// Keys is what a report must know of the keys of a configuration. The zero value
// knows nothing of them.
type Keys struct {
	Defaults map[string]any // of a run that says nothing: they tell which flags a command needs
	Watching []string       // that make no difference to the scores
	Fitted   []string       // that may be tuned in each cell; cells that differ in these alone are of one method
}

// Collect reads the runs at and below the folders dirs.
func Collect(dirs []string, keys Keys) (*Collection, error) {
	var paths []string
	for _, dir := range dirs {
		found, err := record.Find(dir)
		if err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("report: %s: %w in it or below: give the folder of a run, or of a study", dir, record.ErrNoRun)
		}
		paths = append(paths, found...)
	}
	c, err := read(paths, keys)
	if err == nil && len(c.Runs) == 0 {
		err = fmt.Errorf("report: none of the runs in %s is complete: finish one first", strings.Join(dirs, ", "))
	}
	return c, err
}

// read reads run folders.
func read(paths []string, keys Keys) (*Collection, error) {
	c := &Collection{keys: keys}
	var runs []*Run
	seen, made := map[string]bool{}, map[string]bool{}
	for _, path := range paths {
		where, err := filepath.Abs(path)
		if err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
		if seen[where] {
			continue
		}
		seen[where] = true
		stored, err := record.Open(path)
		if err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
		if stored.Outcome == nil {
			c.Incomplete = append(c.Incomplete, path)
			continue
		}
		r := &Run{Stored: stored, Name: path, config: map[string]string{}}
		for key, value := range stored.Config {
			r.config[key] = valueText(value)
		}
		text := fmt.Sprint(r.config)
		if made[text] {
			c.Repeated = append(c.Repeated, path)
			continue
		}
		made[text] = true
		if loss, ok := r.config[lossKey]; ok {
			r.config[lossKey] = unchosen(loss, stored.Chosen)
		}
		runs = append(runs, r)
	}
	if len(runs) > 0 {
		fillAbsent(runs)
		c.sort(runs)
	}
	return c, nil
}

// valueText is a value of a configuration as a flag has it.
func valueText(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return fmt.Sprint(v)
}

// fillAbsent gives every run all keys that one has: what is not in the file is
// zero, as numbers, switches and texts have it.
func fillAbsent(runs []*Run) {
	zero := map[string]string{}
	for _, r := range runs {
		for key, value := range r.Config {
			switch value.(type) {
			case bool:
				zero[key] = "false"
			case string:
				zero[key] = ""
			default:
				zero[key] = "0"
			}
		}
	}
	for _, r := range runs {
		for key, value := range zero {
			if _, ok := r.config[key]; !ok {
				r.config[key] = value
			}
		}
		r.repetition = r.config[seedKey] + "/" + r.config[splitSeedKey]
	}
}
