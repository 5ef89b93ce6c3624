package sets

import (
	"fmt"
	"strings"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/features"
	"crossbatch/trainer/data/files"
)

// loadFeatures reads embeddings that another model made: FEATURES.npy, n×d numbers, and
// their labels, n whole numbers or texts in a .npy, or a .csv whose last column is the class, with or
// without a line of titles. paths is both, with a comma between.
func loadFeatures(paths string) (*data.Set, error) {
	numbers, labels, ok := strings.Cut(paths, ",")
	if !ok {
		return nil, fmt.Errorf("%s: no labels: write features:FEATURES.npy,LABELS.npy or …,LABELS.csv", paths)
	}
	x, rows, width, err := features.ReadMatrix(numbers)
	if err != nil {
		return nil, err
	}
	classes, err := features.ReadLabels(labels)
	if err != nil {
		return nil, err
	}
	if len(classes) != rows {
		return nil, fmt.Errorf("%s has %d rows and %s %d labels: give one for each", numbers, rows, labels, len(classes))
	}
	l := &listing{}
	for i, c := range classes {
		l.entries = append(l.entries, entry{file: fmt.Sprintf("%09d", i), class: c})
	}
	l.source = &files.Source{Where: numbers}
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
