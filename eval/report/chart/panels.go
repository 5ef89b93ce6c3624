package chart

// Panels are small charts in rows, all with one x axis, to be compared at a glance. In
// each, the values of a series are bars that are scaled to its largest: shapes compare,
// heights do not.
type Panels struct {
	Name, Title, Desc string
	Series            []string // names
	X                 Axis     // Min to Max; ticks stand below the lowest panel of each column
	Panels            []Panel
}

// Panel is one of them.
type Panel struct {
	Title, Note string
	// Values are the bars of each series, side by side from the axis' beginning to its
	// end; NaN: none.
	Values [][]float64
}

// Measures of panels.
const (
	panelColumns = 4
	panelsWidth  = 680
	panelHigh    = 64
)

// Figure lays the chart out.
func (p Panels) Figure() *Figure {
	f := &Figure{Name: p.Name, Title: p.Title, Desc: p.Desc, width: panelsWidth}
	var legend []entry
	for i, name := range p.Series {
		legend = append(legend, entry{name: name, series: i, filled: true})
	}
	y := f.head(p.Title, legend) + 8
	const gap = 16
	wide := (f.width - 2*margin - (panelColumns-1)*gap) / panelColumns
	const step = 2*lineHeight + panelHigh + gap
	for i, panel := range p.Panels {
		s := scale{lo: p.X.Min, hi: p.X.Max, from: margin + float64(i%panelColumns)*(wide+gap)}
		s.to = s.from + wide
		top := y + float64(i/panelColumns)*step
		f.add(&words{at: point{s.from, top + textSize - 2}, text: panel.Title, size: textSize - 0.7, bold: true, role: ink})
		f.text(s.from, top+textSize+lineHeight-4, start, muted, textSize-1.7, panel.Note)
		f.bars(panel, s, top+2*lineHeight, top+2*lineHeight+panelHigh)
		if i+panelColumns < len(p.Panels) {
			continue
		}
		for _, t := range p.X.Ticks {
			at := s.at(t.At)
			half := textWidth(textSize-1, false, t.Label) / 2
			f.text(min(max(at, s.from+half), s.to-half), top+2*lineHeight+panelHigh+lineHeight-3, middle, muted, textSize-1, t.Label)
		}
	}
	rows := (len(p.Panels) + panelColumns - 1) / panelColumns
	y += float64(rows)*step + lineHeight
	f.text(f.width/2, y, middle, muted, textSize, p.X.Label)
	f.height = y + margin
	return f
}

// bars draws one panel between the heights.
func (f *Figure) bars(p Panel, x scale, top, bottom float64) {
	f.line(grid, 1, nil, point{x.at(0), top}, point{x.at(0), bottom})
	for k, values := range p.Values {
		largest := 0.0
		for _, v := range values {
			if v > largest { // not NaN
				largest = v
			}
		}
		// Bars that touch are one area, which is a smaller file.
		width := (x.to - x.from) / float64(max(1, len(values)))
		var outline []point
		for i, v := range values {
			at := x.from + width*float64(i)
			if v > 0 { // not NaN
				if outline == nil {
					outline = append(outline, point{at, bottom})
				}
				high := bottom - (bottom-top)*v/largest
				outline = append(outline, point{at, high}, point{at + width, high})
			}
			if ended := !(v > 0); outline != nil && (ended || i == len(values)-1) {
				end := outline[len(outline)-1].x
				f.area(series(k), 0.6, "", append(outline, point{end, bottom})...)
				outline = nil
			}
		}
	}
	f.line(muted, 1, nil, point{x.from, bottom}, point{x.to, bottom})
}
