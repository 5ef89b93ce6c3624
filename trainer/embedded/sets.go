package embedded

import (
	"fmt"
	"path/filepath"
	"strings"

	"crossbatch/trainer/data/features"
)

// ReadSets reads the labels of rows that have several: a .npy of rows × classes, 1 where
// a row has the class and 0 where not, or a table whose last column holds the labels,
// parted by spaces, commas, semicolons or bars.
func ReadSets(path string) ([][]string, error) {
	if strings.EqualFold(filepath.Ext(path), ".npy") {
		x, rows, width, err := features.ReadMatrix(path)
		if err != nil {
			return nil, err
		}
		sets := make([][]string, rows)
		for i, v := range x {
			switch v {
			case 0:
			case 1:
				sets[i/width] = append(sets[i/width], fmt.Sprint(i%width))
			default:
				return nil, fmt.Errorf("%s: row %d has %g for class %d: want 1 where it has the class, and 0 where not", path, i/width, v, i%width)
			}
		}
		return sets, nil
	}
	cells, err := features.ReadLabels(path)
	if err != nil {
		return nil, err
	}
	sets := make([][]string, len(cells))
	for i, cell := range cells {
		sets[i] = strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(" ,;|\t", r) })
	}
	return sets, nil
}

// readCameras reads the camera of each row, by any name: of a table, the column called
// camera or, where none is, the last.
func readCameras(path string) ([]string, error) {
	if by, err := column(path, features.CameraTitles()...); err != nil || by != nil {
		return by, err
	}
	return features.ReadLabels(path)
}
