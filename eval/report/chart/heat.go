package chart

import "math"

// Heat is a table whose cells are the darker the larger their value is.
type Heat struct {
	Name, Title, Desc string
	RowLabel          string // of what varies from row to row
	ColumnLabel       string
	Rows, Columns     []string
	Values            [][]float64 // [row][column]; NaN: there is none
	Labels            [][]string  // in the cells; a second line after a newline
	// Zero says that values are differences: the darker the farther from zero, with a
	// colour of their own below it.
	Zero bool
}

// Figure lays the chart out.
func (h Heat) Figure() *Figure {
	f := &Figure{Name: h.Name, Title: h.Title, Desc: h.Desc, width: figureWidth}
	y := f.head(h.Title, nil) + 10
	widest := textWidth(textSize, false, h.RowLabel)
	for _, r := range h.Rows {
		widest = max(widest, textWidth(textSize, false, r))
	}
	left, right := margin+widest+10, f.width-margin
	wide := (right - left) / float64(max(1, len(h.Columns)))
	const high, gap = 44, 2
	f.text((left+right)/2, y+4, middle, muted, textSize, h.ColumnLabel)
	y += lineHeight + 6
	f.text(left-10, y, end, muted, textSize, h.RowLabel)
	for j, c := range h.Columns {
		f.text(left+wide*(float64(j)+0.5), y, middle, ink, textSize, c)
	}
	y += 7
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, row := range h.Values {
		for _, v := range row {
			if !math.IsNaN(v) {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
	}
	for i, row := range h.Values {
		f.text(left-10, y+high/2+4, end, ink, textSize, h.Rows[i])
		for j, v := range row {
			colour, share := series(0), 1.0
			switch {
			case math.IsNaN(v):
				share = v
			case h.Zero:
				if share = math.Abs(v) / max(math.Abs(lo), math.Abs(hi), 1e-300); v < 0 {
					colour = series(1)
				}
			case hi > lo:
				share = (v - lo) / (hi - lo)
			}
			f.cell(left+wide*float64(j)+gap/2, y, wide-gap, high-gap, colour, share, h.Labels[i][j])
		}
		y += high
	}
	f.height = y + margin
	return f
}

// cell draws one cell, the darker the larger its share of the largest value is; NaN: there
// is no value.
func (f *Figure) cell(x, y, w, h float64, colour role, share float64, label string) {
	corners := box(x, y, x+w, y+h)
	if math.IsNaN(share) {
		f.area(grid, 0.5, "", corners...)
		f.text(x+w/2, y+h/2+4, middle, muted, textSize, "–")
		return
	}
	// Never so dark that ink does not read well on it.
	f.area(colour, 0.05+0.5*share, "", corners...)
	first, second, two := cut(label)
	if !two {
		f.text(x+w/2, y+h/2+4.5, middle, ink, textSize, first)
		return
	}
	f.add(&words{at: point{x + w/2, y + h/2 - 2}, text: first, size: textSize + 0.5, bold: true, role: ink, anchor: middle})
	f.text(x+w/2, y+h/2+13, middle, ink, textSize-1.5, second)
}
