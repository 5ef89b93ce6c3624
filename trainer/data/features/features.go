// Package features reads numbers that another model made of images, and labels: NumPy's files
// and tables of text.
package features

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"crossbatch/trainer/data/files"
)

// ReadMatrix reads a .npy of rows × width numbers, as float32. Numbers that are not finite
// are an error.
func ReadMatrix(path string) (x []float32, rows, width int, err error) {
	a, err := readNPY(path)
	if err != nil {
		return nil, 0, 0, err
	}
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

// ReadLabels reads the class of each row, from a .npy of whole numbers or of texts, or the last
// column of a .csv.
func ReadLabels(path string) ([]string, error) {
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		return readLabelColumn(path)
	}
	a, err := readNPY(path)
	if err != nil {
		return nil, err
	}
	if len(a.shape) != 1 && (len(a.shape) != 2 || a.shape[1] != 1) {
		return nil, fmt.Errorf("%s: an array of shape %v: want one label a row", path, a.shape)
	}
	labels := make([]string, a.count)
	for i := range labels {
		if a.isText() {
			labels[i] = a.text(i)
			continue
		}
		v := a.number(i)
		if v != math.Trunc(v) || math.Abs(v) > 1<<53 {
			return nil, fmt.Errorf("%s: label %d is %g: want whole numbers", path, i, v)
		}
		labels[i] = strconv.FormatFloat(v+0, 'f', 0, 64) // -0 is 0
	}
	return labels, nil
}

func readLabelColumn(path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, files.Bare(err))
	}
	defer func() { _ = file.Close() }() // it was only read
	labels, err := labelColumn(file)
	if err != nil {
		return nil, fmt.Errorf("%s, %w", path, err)
	}
	return labels, nil
}

// labelColumn is the last column of a CSV file. Its errors begin with the line.
func labelColumn(file io.Reader) ([]string, error) {
	var labels []string
	r := csv.NewReader(file)
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return labels, nil
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			return nil, fmt.Errorf("line %d: %w", bad.Line, bad.Err)
		}
		if err != nil {
			return nil, err
		}
		label := row[len(row)-1]
		if title := strings.ToLower(label); len(labels) == 0 && (title == "label" || title == "class" || title == "labels") {
			continue
		}
		if label == "" {
			line, _ := r.FieldPos(len(row) - 1)
			return nil, fmt.Errorf("line %d: no label", line)
		}
		labels = append(labels, label)
	}
}
