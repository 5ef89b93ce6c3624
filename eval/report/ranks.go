package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"crossbatch/eval"
	"crossbatch/eval/report/chart"
)

// Ranks is a comparison of methods by their ranks, see [eval.CompareRanks].
type Ranks struct {
	eval.Friedman
	Names  []string // of the methods
	Of     string   // what is ranked
	Blocks string   // within what, such as "10 reproductions"
}

// order is the methods' places, the best first.
func (r Ranks) order() []int {
	order := make([]int, len(r.Names))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.Ranks[a], r.Ranks[b]) })
	return order
}

// Caption says what the ranks are and what is to be seen of them.
func (r Ranks) Caption() string {
	return fmt.Sprintf("Mean rank by %s within %s, 1 the best. Friedman's test of no difference: p = %.2g. Ranks that are %.2f apart differ at 5 %% (Nemenyi; Demšar 2006)",
		r.Of, r.Blocks, r.P, r.Critical)
}

// Lines are the ranks as a table: each method with those that are not told apart from it.
func (r Ranks) Lines() [][]string {
	lines := [][]string{{"method", "mean rank", "not told apart from"}}
	order := r.order()
	for _, i := range order {
		var alike []string
		for place, j := range order {
			if d := r.Ranks[i] - r.Ranks[j]; i != j && max(d, -d) < r.Critical {
				alike = append(alike, fmt.Sprint(place+1))
			}
		}
		if len(alike) == 0 {
			alike = []string{"–"}
		}
		lines = append(lines, []string{fmt.Sprintf("%d. %s", len(lines), r.Names[i]), fmt.Sprintf("%.2f", r.Ranks[i]), strings.Join(alike, ", ")})
	}
	return lines
}

// SVG draws the ranks, each within half of the critical difference: methods whose bars do not
// touch differ.
func (r Ranks) SVG(w io.Writer) error {
	f := chart.Forest{Name: "ranks", Title: "Mean rank by " + r.Of, Label: "mean rank ± half of the critical difference"}
	var words []string
	for _, i := range r.order() {
		text := fmt.Sprintf("%.2f", r.Ranks[i])
		f.Rows = append(f.Rows, chart.ForestRow{Name: r.Names[i], Value: r.Ranks[i], Half: r.Critical / 2, Text: text})
		words = append(words, r.Names[i]+": "+text)
	}
	f.Desc = r.Caption() + ". " + strings.Join(words, "; ") + "."
	return f.Figure().SVG(w)
}
