// Package features reads features, which are embeddings by another model, and their labels,
// from NumPy's files and from tables of text.
package features

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// ReadMatrix reads a matrix of rows × width numbers from an array of NumPy, as float32,
// row-major. A number that is NaN or infinite is an error.
func ReadMatrix(path string) (x []float32, rows, width int, err error) {
	a, err := readArray(path, "x", "features", "feature", "embeddings", "embedding", "feats", "emb")
	if err != nil {
		return nil, 0, 0, err
	}
	a.squeeze(2)
	if len(a.shape) != 2 || a.shape[0] < 1 || a.shape[1] < 1 || a.isText() {
		return nil, 0, 0, fmt.Errorf("%s: an array of shape %v: want rows × numbers", path, a.shape)
	}
	x = make([]float32, a.count)
	for i := range x {
		v := a.number(i)
		if x[i] = float32(v); math.IsNaN(v) || math.IsInf(float64(x[i]), 0) {
			return nil, 0, 0, fmt.Errorf("%s: row %d has %g at place %d: want finite numbers", path, i/a.shape[1], v, i%a.shape[1])
		}
	}
	return x, a.shape[0], a.shape[1], nil
}

// ReadLabels reads the class of each row from the file at path, see [ReadRows] and
// [Table.Labels].
func ReadLabels(path string) ([]string, error) {
	table, err := ReadRows(path)
	if err != nil {
		return nil, err
	}
	return table.Labels()
}

// ReadRows reads a table from the file at path: a text, or an array of NumPy of whole numbers
// or texts, which is a table of one column.
func ReadRows(path string) (*Table, error) {
	isArray, err := isArray(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if !isArray {
		return ReadTable(path)
	}
	a, err := readArray(path, "y", "labels", "label", "targets", "target", "classes", "class", "ids", "pids")
	if err != nil {
		return nil, err
	}
	a.squeeze(1)
	if len(a.shape) == 2 && !a.isText() && a.shape[1] > 1 {
		return nil, fmt.Errorf("%s: an array of shape %v: want one label a row: of scores or of ones and zeros save the argmax", path, a.shape)
	}
	if len(a.shape) != 1 {
		return nil, fmt.Errorf("%s: an array of shape %v: want one label a row", path, a.shape)
	}
	table := &Table{Name: path, Rows: make([][]string, a.count), Lines: make([]int, a.count)}
	for i := range table.Rows {
		label := ""
		if a.isText() {
			label = strings.TrimSpace(a.text(i))
		} else if v := a.number(i); v != math.Trunc(v) || math.Abs(v) > 1<<53 {
			return nil, fmt.Errorf("%s: label %d is %g: want whole numbers", path, i, v)
		} else {
			label = strconv.FormatFloat(v+0, 'f', 0, 64) // -0 is 0
		}
		table.Rows[i], table.Lines[i] = []string{label}, i+1
	}
	return table, nil
}

// Labels returns the classes of the rows: the column with a title of [LabelTitles], else the
// last column.
func (t *Table) Labels() ([]string, error) {
	labels := t.Column(LabelTitles()...)
	if labels == nil && len(t.Rows) > 0 {
		last := len(t.Rows[0]) - 1
		labels = t.At(last)
		// Whole numbers below one that is none: it is the column's title.
		if t.Titles == nil && len(labels) > 1 && !isWhole(labels[0]) && !slices.ContainsFunc(labels[1:], func(s string) bool { return !isWhole(s) }) {
			t.Titles = t.Rows[0]
			t.Rows, t.Lines, labels = t.Rows[1:], t.Lines[1:], labels[1:]
		}
	}
	if n := slices.Index(labels, ""); n >= 0 {
		return nil, fmt.Errorf("%s, line %d: no label", t.Name, t.Lines[n])
	}
	return labels, nil
}

// Add adds a column.
func (t *Table) Add(title string, values []string) error {
	if len(values) != len(t.Rows) {
		return fmt.Errorf("%d values of %s: give one for each", len(values), title)
	}
	if t.Titles == nil && len(t.Rows) > 0 {
		t.Titles = make([]string, len(t.Rows[0]))
	}
	t.Titles = append(slices.Clone(t.Titles), title)
	for i := range t.Rows {
		t.Rows[i] = append(slices.Clone(t.Rows[i]), values[i])
	}
	return nil
}

func isWhole(s string) bool {
	_, err := strconv.ParseInt(s, 10, 64)
	return err == nil
}
