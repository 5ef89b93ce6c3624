package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"crossbatch/eval/report/chart"
)

// overtaking shows where one loss overtakes another: what each gains over the first, over
// the first two axes that are numbers; none where there are no two.
func (c *Collection) overtaking() (figures []*chart.Figure) {
	loss := c.axis(lossKey)
	var axes []int
	for i, a := range c.Axes {
		if a.Key != memoryKey && numeric(a.Values) {
			axes = append(axes, i)
		}
	}
	if loss < 0 || len(axes) < 2 {
		return nil
	}
	rows, columns := axes[0], axes[1]
	base, _ := c.base(loss)
	for _, n := range scored() {
		all := c.differences(loss, n)
		for _, panel := range c.panels(rows, columns) {
			name, cells := c.panelName(panel, rows, columns, loss), c.of(panel, rows, columns)
			h := chart.Heat{
				Name:     slug(n.key, "of", panel.Values[loss], "over", base, name),
				Title:    fmt.Sprintf("%s gained by %s over %s", n.name, panel.Values[loss], base),
				RowLabel: c.Axes[rows].Key, ColumnLabel: c.Axes[columns].Key + "; points of percent, 95 % interval",
				Rows: c.values(rows, cells), Columns: c.values(columns, cells), Zero: true,
			}
			if name != "" {
				h.Title += ", " + name
			}
			var words []string
			for _, row := range h.Rows {
				var values []float64
				var labels []string
				for _, column := range h.Columns {
					cell := c.at(panel, rows, row, columns, column)
					at := slices.IndexFunc(all, func(d Difference) bool { return d.Cell == cell })
					if at < 0 {
						values, labels = append(values, math.NaN()), append(labels, "")
						continue
					}
					d := all[at]
					text := fmt.Sprintf("%+.1f", d.Mean)
					if !math.IsNaN(d.Half) {
						text += fmt.Sprintf("\n± %.1f", d.Half)
					}
					values, labels = append(values, d.Mean), append(labels, text)
					words = append(words, fmt.Sprintf("%s %s, %s %s: %s", h.RowLabel, row, c.Axes[columns].Key, column, d))
				}
				h.Values, h.Labels = append(h.Values, values), append(h.Labels, labels)
			}
			if len(words) > 1 {
				h.Desc = h.Title + ", in points of percent. " + strings.Join(words, "; ") + "."
				figures = append(figures, h.Figure())
			}
		}
	}
	return figures
}
