package chart

import "math"

// Forest is a list of values with their intervals, one below the other.
type Forest struct {
	Name, Title, Desc string
	Label             string // of the values
	Rows              []ForestRow
	Zero              bool // a line at zero, with the rows whose interval is beyond it filled
}

// ForestRow is one value, or a heading above some.
type ForestRow struct {
	Name    string
	Value   float64
	Half    float64 // of the interval; NaN: not known
	Text    string  // at the row's end
	Series  int
	Heading bool // the name alone
}

// beyond says whether a row's interval leaves zero out.
func (r ForestRow) beyond() bool { return math.Abs(r.Value) > r.Half }

// Figure lays the chart out.
func (c Forest) Figure() *Figure {
	f := &Figure{Name: c.Name, Title: c.Title, Desc: c.Desc, width: figureWidth}
	y := f.head(c.Title, nil) + 4
	names, texts, lo, hi := 0.0, 0.0, math.Inf(1), math.Inf(-1)
	for _, r := range c.Rows {
		if r.Heading {
			continue
		}
		names, texts = max(names, textWidth(textSize, false, fitted(r.Name))), max(texts, textWidth(textSize, false, r.Text))
		low, high := Point{Y: r.Value, Half: r.Half}.bounds()
		lo, hi = min(lo, low), max(hi, high)
	}
	if math.IsInf(lo, 0) {
		lo, hi = 0, 1
	}
	if c.Zero {
		lo, hi = min(lo, 0), max(hi, 0)
	}
	s := Axis{}.newScale(lo, hi, 0)
	s.round(4)
	s.from, s.to = margin+names+16, f.width-margin-texts-14
	const high = 22
	top := y
	bottom := top + float64(len(c.Rows))*high + 2
	last := math.Inf(-1)
	for _, t := range s.ticks(4) {
		f.line(grid, 1, nil, point{s.at(t.At), top}, point{s.at(t.At), bottom})
		half := textWidth(textSize, false, t.Label) / 2
		if s.at(t.At)-half < last+4 {
			continue // its label would touch the one before
		}
		last = s.at(t.At) + half
		f.text(s.at(t.At), bottom+lineHeight-1, middle, muted, textSize, t.Label)
	}
	if c.Zero {
		f.line(muted, 1.2, nil, point{s.at(0), top}, point{s.at(0), bottom})
	}
	for i, r := range c.Rows {
		f.row(r, c.Zero, s, top+float64(i)*high+high/2)
	}
	half := textWidth(textSize, false, c.Label) / 2
	f.text(min((s.from+s.to)/2, f.width-margin-half), bottom+2*lineHeight+1, middle, muted, textSize, c.Label)
	f.height = bottom + 2*lineHeight + margin
	return f
}

// row draws one row at the height y.
func (f *Figure) row(r ForestRow, zero bool, s scale, y float64) {
	if r.Heading {
		f.area(paper, 1, "", box(margin, y-9, margin+textWidth(textSize, true, r.Name)+2, y+8)...) // over the lines
		f.add(&words{at: point{margin, y + 4}, text: r.Name, size: textSize, bold: true, role: ink})
		return
	}
	f.text(s.from-12, y+4, end, ink, textSize, fitted(r.Name))
	low, high := Point{Y: r.Value, Half: r.Half}.bounds()
	f.line(series(r.Series), 2, nil, point{s.at(low), y}, point{s.at(high), y})
	at := point{s.at(r.Value), y}
	if zero && !r.beyond() {
		f.add(&shape{points: []point{at}, radius: 4, fill: paper, stroke: series(r.Series), width: 1.6, opacity: 1})
	} else {
		f.add(&shape{points: []point{at}, radius: 4.4, fill: series(r.Series), opacity: 1})
	}
	weight := ink
	if zero && !r.beyond() {
		weight = muted
	}
	f.text(f.width-margin, y+4, end, weight, textSize, r.Text)
}

// nameWidth is how wide the name of a row may be.
const nameWidth = 0.42 * figureWidth

// fitted is a name that lacks its middle where it is too wide: what tells settings apart
// stands at their ends.
func fitted(name string) string {
	runes := []rune(name)
	for cut := 0; cut < len(runes); cut++ {
		text := name
		if cut > 0 {
			first := (len(runes) - cut) / 2
			text = string(runes[:first]) + "…" + string(runes[first+cut:])
		}
		if textWidth(textSize, false, text) <= nameWidth {
			return text
		}
	}
	return name
}
