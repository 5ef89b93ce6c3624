package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"crossbatch/eval/record"
	"crossbatch/eval/verification"
	"crossbatch/trainer/data/features"
)

// Pairs reads embeddings and a list of pairs of their rows, which it calls by their
// numbers or, where a table [record.IDsFile] lies beside the embeddings, by the files
// that it names. Where the list does not say which pairs are right, the labels do.
func (f Files) Pairs(list string) (verification.Task, error) {
	var t verification.Task
	if name := f.Query + f.QueryLabels + f.Cameras + f.QueryCameras; name != "" {
		return t, fmt.Errorf("%s is not for pairs: leave it out, or --pairs", name)
	}
	x, n, dim, err := features.ReadMatrix(f.Embeddings)
	if err != nil {
		return t, err
	}
	t.Embeddings, t.Dim = x, dim
	names, err := column(filepath.Join(filepath.Dir(f.Embeddings), record.IDsFile), features.PathTitles()...)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return t, err
	}
	if len(names) != n || !slices.ContainsFunc(names, func(name string) bool { return name != "" }) {
		names = nil // of other rows, or of what is in no files
	}
	file, err := os.Open(list)
	if err != nil {
		return t, fmt.Errorf("pairs: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	var judged bool
	if t.Pairs, judged, err = verification.ReadPairs(file, verification.Rows{Names: names, Number: n}); err != nil {
		return t, fmt.Errorf("%s: %w", list, err)
	}
	if judged {
		return t, nil
	}
	if f.Labels == "" {
		return t, fmt.Errorf("%s does not say which pairs are right: give 1 or 0 in a third column, or --labels", list)
	}
	classes, err := features.ReadLabels(f.Labels)
	if err != nil {
		return t, err
	}
	if len(classes) != n {
		return t, fmt.Errorf("%s has %d rows and %s %d labels: give one for each", f.Embeddings, n, f.Labels, len(classes))
	}
	for i, p := range t.Pairs {
		t.Pairs[i].Same = classes[p.A] == classes[p.B]
	}
	return t, nil
}

// column reads the column of a table that has one of some titles; nil where it has none,
// or is no table.
func column(path string, titles ...string) ([]string, error) {
	if !slices.Contains([]string{".csv", ".tsv", ".txt"}, strings.ToLower(filepath.Ext(path))) {
		return nil, nil
	}
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	table, err := features.ReadTable(path)
	if err != nil {
		return nil, err
	}
	return table.Column(titles...), nil
}
