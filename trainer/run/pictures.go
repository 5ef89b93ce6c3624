package run

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"crossbatch/eval"
	"crossbatch/eval/record"
	"crossbatch/eval/report"
)

// The pictures' sizes.
const (
	sheetRows      = 12
	sheetNeighbors = 10
	extremes       = 8 // queries that are best, and that are worst
	nearestShown   = 5
)

// Pictures draws queries with their nearest neighbours, and the best and the worst queries, to
// files in the folder out. of describes the images.
func (s Scored) Pictures(out record.Folder, of string) error {
	if err := out.Write(record.NeighborsFile, func(w io.Writer) error { return s.sheet(w, of) }); err != nil {
		return err
	}
	return out.Write(record.ExtremesFile, func(w io.Writer) error { return s.bestWorst(w, of) })
}

// sheet draws queries, evenly spaced over all, with their nearest neighbours.
func (s Scored) sheet(w io.Writer, of string) error {
	var places []int
	for r := range min(sheetRows, len(s.queries)) {
		places = append(places, r*len(s.queries)/sheetRows)
	}
	rows, err := s.retrievals(places, sheetNeighbors)
	if err != nil {
		return err
	}
	recall, _ := s.Recall.At(1)
	title := fmt.Sprintf("%s: recall@1 %.1f %%, MAP@R %.1f %%", of, 100*recall, 100*s.MAPAtR)
	return report.Sheet(w, title, rows)
}

// bestWorst draws the queries with the best and the worst average precision.
func (s Scored) bestWorst(w io.Writer, of string) error {
	best, err := s.extremes(1)
	if err != nil {
		return err
	}
	worst, err := s.extremes(-1)
	if err != nil {
		return err
	}
	return report.Extremes(w, of+": queries by average precision (AP) over as many neighbours as their class has others", best, worst)
}

// extremes are the queries of the largest average precision, or with a sign of -1
// the least, one of a class at most: among equals those of more in their class,
// which is harder to get all right or wrong, then the first.
func (s Scored) extremes(sign int) ([]report.Retrieval, error) {
	each := slices.Clone(s.Each)
	slices.SortStableFunc(each, func(a, b eval.Query) int {
		return cmp.Or(sign*cmp.Compare(b.AveragePrecision, a.AveragePrecision), cmp.Compare(b.Others, a.Others))
	})
	seen := map[int32]bool{}
	var chosen []eval.Query
	for _, q := range each {
		if class := s.set.Labels[s.queries[q.Query]]; len(chosen) < extremes && !seen[class] {
			seen[class] = true
			chosen = append(chosen, q)
		}
	}
	places := make([]int, len(chosen))
	for k, q := range chosen {
		places[k] = q.Query
	}
	rows, err := s.retrievals(places, nearestShown)
	for k, q := range chosen[:len(rows)] {
		rows[k].Note = fmt.Sprintf("AP %.1f %%, %d others", 100*q.AveragePrecision, q.Others)
	}
	return rows, err
}

// retrievals are the queries at places with their k nearest neighbours.
func (s Scored) retrievals(places []int, k int) ([]report.Retrieval, error) {
	found, err := s.retrieval.Nearest(places, k)
	if err != nil {
		return nil, err
	}
	rows := make([]report.Retrieval, len(places))
	for p, q := range places {
		image := s.queries[q]
		rows[p].Query = s.set.Image(image)
		for _, j := range found[p] {
			other := s.gallery[j]
			rows[p].Neighbors = append(rows[p].Neighbors, s.set.Image(other))
			rows[p].Right = append(rows[p].Right, s.set.Labels[other] == s.set.Labels[image])
		}
	}
	return rows, nil
}
