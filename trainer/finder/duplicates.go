package finder

import (
	"errors"
	"fmt"
	"io"
	"math"

	"crossbatch/eval/index"
	"crossbatch/eval/report"
)

// NearIdentical is the least similarity of two pictures that are taken to be the same, unless
// another is given.
const NearIdentical = 0.99

// Duplicates are pairs of an index's pictures that are near-identical, nearest first.
type Duplicates struct {
	Pairs []Pair  `json:"pairs"` // the nearest of them
	Total int     `json:"total"` // how many there are
	Least float64 `json:"-"`     // similarity
}

// Pair is two rows that are near each other.
type Pair struct {
	A          Row     `json:"a"`
	B          Row     `json:"b"`
	Similarity float64 `json:"similarity"` // cosine
	Distance   float64 `json:"distance"`
}

// Row is a row of an index with what it keeps of the picture, which must not be changed, nor
// looked at after the index was closed.
type Row struct {
	Row     int    `json:"row"`
	Name    string `json:"name"`
	Group   string `json:"group"`
	Picture []byte `json:"-"` // small; empty where none is kept
}

// FindDuplicates lists the pairs of pictures of x that have the least similarity or more, at
// most most of them, both of rows that the filter lets.
func FindDuplicates(x *index.Index, least float64, most int, f index.Filter) (Duplicates, error) {
	d := Duplicates{Pairs: []Pair{}, Least: least}
	// Rows have length 1, and ‖a-b‖² = 2 - 2·cos; the last bits decide nothing.
	pairs, total, err := x.Duplicates(math.Sqrt(2-2*least)+1e-6, most, f)
	if err != nil {
		return d, err
	}
	d.Total = total
	for _, p := range pairs {
		a, errA := x.Item(p.A)
		b, errB := x.Item(p.B)
		if err := errors.Join(errA, errB); err != nil {
			return d, err
		}
		d.Pairs = append(d.Pairs, Pair{Row{p.A, a.Name, a.Group, a.Picture}, Row{p.B, b.Name, b.Group, b.Picture}, p.Similarity, p.Distance})
	}
	return d, nil
}

// Text is a table of the pairs. more says how more are listed, where not all are.
func (d Duplicates) Text(more string) string {
	if d.Total == 0 {
		return fmt.Sprintf("no two pictures have a similarity of %g or more\n", d.Least)
	}
	lines := [][]string{{"picture", "similarity", "and"}}
	for _, p := range d.Pairs {
		lines = append(lines, []string{p.A.Name, fmt.Sprintf("%.4f", p.Similarity), p.B.Name})
	}
	listed := ""
	if d.Total > len(d.Pairs) {
		listed = fmt.Sprintf("; the nearest %d are listed (%s)", len(d.Pairs), more)
	}
	return fmt.Sprintf("%s%d pairs have a similarity of %g or more%s\n", report.Align(lines), d.Total, d.Least, listed)
}

// sheetPairs bounds the pairs on a sheet.
const sheetPairs = 100

// Sheet writes a PNG of the pairs, as many as fit.
func (d Duplicates) Sheet(w io.Writer) error {
	var rows []report.FoundRow
	for _, p := range d.Pairs[:min(sheetPairs, len(d.Pairs))] {
		rows = append(rows, report.FoundRow{Query: p.A.Picture, Found: []report.Found{{Picture: p.B.Picture, Text: fmt.Sprintf("%.4f", p.Similarity)}}})
	}
	return report.FoundSheet(w, fmt.Sprintf("%d pairs, the nearest first", d.Total), rows)
}
