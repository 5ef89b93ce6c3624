package chart

import "strings"

// Bars are one value for each of some categories.
type Bars struct {
	Name, Title, Desc string
	X, Y              Axis // of X the label alone
	Categories        []string
	Series            []BarSeries
}

// BarSeries has a value for each category.
type BarSeries struct {
	Name   string
	Values []float64
	Color  int
}

// Figure lays the chart out.
func (b Bars) Figure() *Figure {
	f := &Figure{Name: b.Name, Title: b.Title, Desc: b.Desc, width: figureWidth}
	var legend []entry
	hi := 0.0
	for _, s := range b.Series {
		if s.Name != "" {
			legend = append(legend, entry{name: s.Name, series: s.Color, filled: true})
		}
		for _, v := range s.Values {
			hi = max(hi, v)
		}
	}
	top := f.head(b.Title, legend)
	sy := b.Y.newScale(0, hi, hi)
	sy.lo = 0
	sy.round(5)
	x := b.X
	x.Ticks = make([]Tick, len(b.Categories))
	for i, c := range b.Categories {
		x.Ticks[i] = Tick{float64(i), c}
	}
	fr := f.axes(x, b.Y, scale{lo: -0.5, hi: float64(len(b.Categories)) - 0.5}, sy, top, plotHigh)
	slot := (fr.x.to - fr.x.from) / float64(max(1, len(b.Categories)))
	wide := slot * 0.76 / float64(max(1, len(b.Series)))
	for i, s := range b.Series {
		for k, v := range s.Values {
			if v <= 0 {
				continue
			}
			x0 := fr.x.at(float64(k)) - slot*0.38 + wide*float64(i)
			f.area(series(s.Color), 0.8, b.Categories[k]+": "+number(v, sy.hi/100), box(x0, fr.y.at(v), x0+wide-1, fr.bottom)...)
		}
	}
	return f
}

// cut parts a label at its newline.
func cut(label string) (first, second string, two bool) { return strings.Cut(label, "\n") }
