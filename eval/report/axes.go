package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

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
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(c.keyOrder(a), c.keyOrder(b)), strings.Compare(a, b)) })
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

func (c *Collection) keyOrder(key string) int {
	switch key {
	case memoryKey:
		return 0
	case batchKey:
		return 1
	}
	if slices.Contains(c.keys.Fitted, key) {
		return 3 // they are looked at when all else is known
	}
	return 2
}

// varies says whether a key makes cells of its own: whether it takes several
// values that no search has chosen, and, of keys that may be chosen for each cell, such as a learning rate,
// or steps for a batch size, several where the axes so far take one.
func (c *Collection) varies(runs []*Run, axes []string, key string) bool {
	if slices.Contains(c.keys.Watching, key) || searched(runs, key) {
		return false
	}
	if !slices.Contains(c.keys.Fitted, key) {
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

// also are the fitted keys that differ between cells, but are no axes.
func (c *Collection) also() (keys []string) {
	for _, key := range append(slices.Clone(c.tuned), slices.DeleteFunc(slices.Clone(c.keys.Fitted), func(key string) bool { return slices.Contains(c.tuned, key) })...) {
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
