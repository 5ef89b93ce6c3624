package sets

import (
	"errors"
	"fmt"
	"strings"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/features"
	"crossbatch/trainer/data/files"
)

// loadFeatures reads embeddings that another model made: n×d numbers, and their labels, both
// of any kind that package features reads. A table of labels may have the columns of a
// manifest, too, see listManifest; else these can be given each by a file of n values:
//
//	X.npy,L.npy,split=S.npy,query=Q.npy,camera=C.npy,group=G.npy
//
// A .npz with both numbers and labels needs no second file.
func loadFeatures(paths string) (*data.Set, error) {
	numbers, labels, columns, err := featureFiles(paths)
	if err != nil {
		return nil, err
	}
	x, rows, width, err := features.ReadMatrix(numbers)
	if err != nil {
		return nil, err
	}
	table, err := features.ReadRows(labels)
	if err != nil {
		return nil, err
	}
	classes, err := table.Labels()
	if err != nil {
		return nil, err
	}
	if len(classes) != rows {
		return nil, fmt.Errorf("%s has %d rows and %s %d labels: give one for each", numbers, rows, labels, len(classes))
	}
	for _, c := range columns {
		values, err := features.ReadLabels(c.path)
		if err != nil {
			return nil, err
		}
		if err := table.Add(c.name, values); err != nil {
			return nil, fmt.Errorf("%s has %d rows and %s: %w", numbers, rows, c.path, err)
		}
	}
	l := &listing{source: &files.Source{Where: numbers}}
	for i, c := range classes {
		l.entries = append(l.entries, entry{file: fmt.Sprintf("%09d", i), class: c})
	}
	if err := l.columns(table); err != nil {
		return nil, err
	}
	l.onlyTest()
	set, err := l.set()
	if err != nil {
		return nil, err
	}
	set.Channels, set.Height, set.Width = 1, 1, width
	set.Features = make([]float32, len(x))
	for i, e := range l.entries {
		copy(set.Features[i*width:(i+1)*width], x[e.at*width:(e.at+1)*width])
		set.Files[i] = fmt.Sprintf("row %d", e.at)
	}
	return set, nil
}

// column is a file of one value a row.
type column struct{ name, path string }

// featureFiles are the files of features:.
func featureFiles(paths string) (numbers, labels string, columns []column, err error) {
	for n, part := range strings.Split(paths, ",") {
		name, path, isColumn := strings.Cut(part, "=")
		switch isColumn = isColumn && !strings.ContainsAny(name, `/\`); {
		case n == 0:
			numbers = part
		case n == 1 && !isColumn:
			labels = part
		case !isColumn:
			return "", "", nil, fmt.Errorf("%q: write NAME=FILE, the name split, query, camera or group", part)
		case name != "split" && name != "query" && name != "camera" && name != "group":
			return "", "", nil, fmt.Errorf("%q: the name is split, query, camera or group", part)
		default:
			columns = append(columns, column{name, path})
		}
	}
	if labels == "" && strings.HasSuffix(strings.ToLower(numbers), ".npz") {
		labels = numbers
	}
	if labels == "" {
		return "", "", nil, errors.New(paths + ": no labels: write features:FEATURES.npy,LABELS.npy or …,LABELS.csv")
	}
	return numbers, labels, columns, nil
}

// onlyTest drops a split of which there is only one part, as embeddings of a test part have it.
func (l *listing) onlyTest() {
	for _, e := range l.entries {
		if e.part != inTest {
			return
		}
	}
	for i := range l.entries {
		l.entries[i].part = undecided
	}
	l.notes = append(l.notes, "all rows are of the test: the classes are split by seed")
}
