package report

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
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

	defaults map[string]any
	tuned    []string // keys that were chosen for each run by a search
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

// Collect reads the runs at and below the folders dirs. defaults are the values of
// the configuration's keys for a run that says nothing; they tell which flags a
// command needs.
func Collect(dirs []string, defaults map[string]any) (*Collection, error) {
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
	c, err := read(paths, defaults)
	if err == nil && len(c.Runs) == 0 {
		err = fmt.Errorf("report: none of the runs in %s is complete: finish one first", strings.Join(dirs, ", "))
	}
	return c, err
}

// read reads run folders.
func read(paths []string, defaults map[string]any) (*Collection, error) {
	c := &Collection{defaults: defaults}
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

// sort finds the axes and the cells.
func (c *Collection) sort(runs []*Run) {
	var keys []string
	for _, r := range runs {
		for key := range r.Chosen {
			if !slices.Contains(c.tuned, key) {
				c.tuned = append(c.tuned, key)
			}
		}
	}
	slices.Sort(c.tuned)
	for key := range runs[0].config {
		if key != seedKey && key != splitSeedKey {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(keyOrder(a), keyOrder(b)), strings.Compare(a, b)) })
	var axes []string
	for _, key := range keys {
		if c.varies(runs, axes, key) {
			axes = append(axes, key)
		}
	}
	cells := map[string]*Cell{}
	for _, r := range runs {
		var values []string
		for _, key := range axes {
			values = append(values, r.config[key])
		}
		id := strings.Join(values, "\x00")
		if cells[id] == nil {
			cells[id] = &Cell{Values: values}
			c.Cells = append(c.Cells, cells[id])
		}
		cells[id].Runs = append(cells[id].Runs, r)
	}
	for i, key := range axes {
		axis := Axis{Key: key}
		for _, cell := range c.Cells {
			if !slices.Contains(axis.Values, cell.Values[i]) {
				axis.Values = append(axis.Values, cell.Values[i])
			}
		}
		slices.SortFunc(axis.Values, func(a, b string) int { return compareValues(c.size(i, a), c.size(i, b), a, b) })
		c.Axes = append(c.Axes, axis)
	}
	slices.SortFunc(c.Cells, func(a, b *Cell) int {
		order := 0
		for i := len(axes) - 1; i >= 0; i-- { // memory varies fastest, then batch
			order = cmp.Or(order, slices.Index(c.Axes[i].Values, a.Values[i])-slices.Index(c.Axes[i].Values, b.Values[i]))
		}
		return order
	})
	for _, cell := range c.Cells {
		slices.SortFunc(cell.Runs, func(a, b *Run) int {
			return cmp.Or(compareNumbers(a.config[seedKey], b.config[seedKey]), compareNumbers(a.config[splitSeedKey], b.config[splitSeedKey]))
		})
		c.Runs = append(c.Runs, cell.Runs...)
	}
}

func keyOrder(key string) int {
	switch key {
	case memoryKey:
		return 0
	case batchKey:
		return 1
	}
	if slices.Contains(chosen(), key) {
		return 3 // they are looked at when all else is known
	}
	return 2
}

// varies says whether a key makes cells of its own: whether it takes several
// values that no search has chosen, and, of keys that may be chosen for each cell, such as a learning rate,
// or steps for a batch size, several where the axes so far take one.
func (c *Collection) varies(runs []*Run, axes []string, key string) bool {
	if slices.Contains(onlooking(), key) || searched(runs, key) {
		return false
	}
	if !slices.Contains(chosen(), key) {
		axes = nil
	}
	only := map[string]string{}
	for _, r := range runs {
		id := ""
		for _, a := range axes {
			id += r.config[a] + "\x00"
		}
		if value, ok := only[id]; ok && value != r.config[key] {
			return true
		}
		only[id] = r.config[key]
	}
	return false
}

// unchosen is a loss without the parameters that a search chose for one run.
func unchosen(loss string, chosen map[string]string) string {
	name, parameters, _ := strings.Cut(loss, ":")
	kept := slices.DeleteFunc(strings.Split(parameters, ","), func(p string) bool {
		key, value, _ := strings.Cut(p, "=")
		return p == "" || chosen[lossKey+"."+key] == value && value != ""
	})
	if len(kept) == 0 {
		return name
	}
	return name + ":" + strings.Join(kept, ",")
}

// searched says whether a search chose a key's value for every run on its own.
func searched(runs []*Run, key string) bool {
	return !slices.ContainsFunc(runs, func(r *Run) bool { _, ok := r.Chosen[key]; return !ok })
}

// onlooking are keys that make no difference to the scores.
func onlooking() []string { return []string{"inspect-every", "drift-every"} }

// chosen are keys that may be fitted to each cell without its being another
// method.
func chosen() []string {
	return []string{"lr", "loss-lr", "head-lr", "weight-decay", "momentum", "memory-weight", "start", "ramp", "warmup", "steps", "validate-every"}
}

// also are the chosen keys that differ between cells, but are no axes.
func (c *Collection) also() (keys []string) {
	for _, key := range append(slices.Clone(c.tuned), slices.DeleteFunc(chosen(), func(key string) bool { return slices.Contains(c.tuned, key) })...) {
		for _, r := range c.Runs {
			if c.axis(key) < 0 && r.config[key] != c.Runs[0].config[key] {
				keys = append(keys, key)
				break
			}
		}
	}
	return keys
}

// size is what a value is sorted by: a memory's by its rows.
func (c *Collection) size(axis int, value string) float64 {
	for _, cell := range c.Cells {
		if cell.Values[axis] == value && cell.Runs[0].config[memoryKey] == value {
			return float64(cell.rows())
		}
	}
	return -1
}

func compareValues(sizeA, sizeB float64, a, b string) int {
	if sizeA >= 0 && sizeB >= 0 && sizeA != sizeB {
		return cmp.Compare(sizeA, sizeB)
	}
	return compareNumbers(a, b)
}

// compareNumbers orders numbers by size, before all else by its letters.
func compareNumbers(a, b string) int {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	switch {
	case errX == nil && errY == nil:
		return cmp.Or(cmp.Compare(x, y), strings.Compare(a, b))
	case errX == nil:
		return -1
	case errY == nil:
		return 1
	}
	return strings.Compare(a, b)
}

// axis is the place of a key among the axes, -1 where it does not vary.
func (c *Collection) axis(key string) int {
	return slices.IndexFunc(c.Axes, func(a Axis) bool { return a.Key == key })
}
