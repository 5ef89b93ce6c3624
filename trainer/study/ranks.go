package study

import (
	"fmt"
	"io"

	"crossbatch/eval"
	"crossbatch/eval/report"
)

// The files of a protocol that rank its methods by MAP@R: a table and a figure.
const (
	RanksFile   = "ranks.md"
	RanksFigure = "ranks.svg"
)

// ranks compares the methods by the MAP@R of their networks on the test classes, ranked
// within each reproduction, whose seed all methods share. ok is false where there is
// nothing to compare.
func (p *protocolStudy) ranks(results []MethodResult) (r report.Ranks, ok bool, err error) {
	if len(results) < 2 || p.Reproductions < 2 {
		return r, false, nil
	}
	scores := make([][]float64, p.Reproductions)
	for _, m := range results {
		r.Names = append(r.Names, m.Loss+", memory "+m.Memory)
		for i := range scores {
			scores[i] = append(scores[i], m.Reproductions[i].Separated.MAPAtR)
		}
	}
	r.Of, r.Blocks = "MAP@R of each fold's network", fmt.Sprintf("%d reproductions", p.Reproductions)
	r.Friedman, err = eval.CompareRanks(scores)
	return r, err == nil, err
}

// writeRanks writes the ranks and returns them as text for a terminal.
func (p *protocolStudy) writeRanks(results []MethodResult) (string, error) {
	r, ok, err := p.ranks(results)
	if err != nil || !ok {
		return "", err
	}
	if err := writeText(p.runs.Dir, RanksFile, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s\n\n%s", r.Caption(), report.MarkdownTable(r.Lines(), 1))
		return err
	}); err != nil {
		return "", err
	}
	return fmt.Sprintf("\n%s\n\n%s", r.Caption(), report.Align(r.Lines())), writeText(p.runs.Dir, RanksFigure, r.SVG)
}
