package chart

import "math"

// Lines are curves, with the interval of each point as a band or as bars.
type Lines struct {
	Name, Title, Desc string
	X, Y              Axis
	Series            []Series
	Scatter           bool // points with bars in place of curves with bands
	Points            bool // mark each point of a curve
	ZeroLine          bool // draw y = 0
	FromZero          bool // the y axis begins at zero
	High              float64
}

// Series is one curve.
type Series struct {
	Name   string
	Points []Point
	Filled bool // fill from zero to the curve
	Dashed bool
	Color  int // of the series' colours
}

// Point is one point of a curve.
type Point struct {
	X, Y float64
	Half float64 // of the interval around Y; NaN: not known
	// Low and High are the interval in place of Half, where they differ.
	Low, High float64
	Label     string // beside the point
	Tip       string // under the pointer
}

// plotHigh is the usual height of a chart's inner part.
const plotHigh = 190

// Figure lays the chart out. Points that are not finite are left out.
func (l Lines) Figure() *Figure {
	f := &Figure{Name: l.Name, Title: l.Title, Desc: l.Desc, width: figureWidth}
	legend := make([]entry, 0, len(l.Series))
	for _, s := range l.Series {
		if s.Name != "" {
			legend = append(legend, entry{name: s.Name, series: s.Color, marker: l.Points || l.Scatter, line: !l.Scatter, dash: s.dash()})
		}
	}
	top := f.head(l.Title, legend)
	high := l.High
	if high == 0 {
		high = plotHigh
	}
	sx, sy := l.scales()
	fr := f.axes(l.X, l.Y, sx, sy, top, high)
	if l.ZeroLine && fr.y.lo < 0 {
		f.line(muted, 1.2, nil, point{fr.left, fr.y.at(0)}, point{fr.right, fr.y.at(0)})
	}
	for _, s := range l.Series { // bands lie under all curves
		f.band(l, s, fr)
	}
	for _, s := range l.Series {
		f.curve(l, s, fr)
	}
	return f
}

func (s Series) dash() []float64 {
	if s.Dashed {
		return []float64{5, 4}
	}
	return dashes(s.Color)
}

func (p Point) ok() bool {
	return !math.IsNaN(p.X) && !math.IsInf(p.X, 0) && !math.IsNaN(p.Y) && !math.IsInf(p.Y, 0)
}

// bounds are the interval's ends, or the point itself.
func (p Point) bounds() (low, high float64) {
	if p.Low < p.High {
		return p.Low, p.High
	}
	if p.Half > 0 && !math.IsInf(p.Half, 0) {
		return p.Y - p.Half, p.Y + p.Half
	}
	return p.Y, p.Y
}

// scales fit the axes to the data.
func (l Lines) scales() (x, y scale) {
	newSpan := func() (lo, hi, positive float64) { return math.Inf(1), math.Inf(-1), math.Inf(1) }
	xlo, xhi, xpos := newSpan()
	ylo, yhi, ypos := newSpan()
	for _, s := range l.Series {
		for _, p := range s.Points {
			if !p.ok() {
				continue
			}
			low, high := p.bounds()
			xlo, xhi, ylo, yhi = min(xlo, p.X), max(xhi, p.X), min(ylo, low), max(yhi, high)
			if p.X > 0 {
				xpos = min(xpos, p.X)
			}
			if p.Y > 0 {
				ypos = min(ypos, p.Y)
			}
			if s.Filled {
				ylo = min(ylo, 0)
			}
		}
	}
	if math.IsInf(xlo, 0) { // no points
		xlo, xhi, ylo, yhi = 0, 1, 0, 1
	}
	if l.FromZero {
		ylo = min(ylo, 0)
	}
	x, y = l.X.newScale(xlo, xhi, xpos), l.Y.newScale(ylo, yhi, ypos)
	if y.log {
		y.zero = false // a curve that reaches zero ends there
	}
	if l.Y.Min == 0 && l.Y.Max == 0 {
		y.round(5)
	}
	return x, y
}

// band draws the intervals of a curve, or the area below it.
func (f *Figure) band(l Lines, s Series, fr frame) {
	var upper, lower []point
	flush := func() {
		if len(upper) > 1 {
			for i := len(lower) - 1; i >= 0; i-- {
				upper = append(upper, lower[i])
			}
			opacity := 0.16
			if len(l.Series) > 2 {
				opacity = 0.11 // many lie over each other
			}
			f.area(series(s.Color), opacity, "", upper...)
		}
		upper, lower = nil, nil
	}
	for _, p := range s.Points {
		if !p.ok() {
			continue
		}
		low, high := p.bounds()
		x := fr.x.at(p.X)
		switch {
		case s.Filled:
			upper, lower = append(upper, point{x, fr.y.at(p.Y)}), append(lower, point{x, fr.y.at(0)})
		case low == high && math.IsNaN(p.Half):
			flush()
		case l.Scatter:
			x += l.dodge(s)
			f.line(series(s.Color), 1.5, nil, point{x, fr.y.at(low)}, point{x, fr.y.at(high)})
		default:
			upper, lower = append(upper, point{x, fr.y.at(high)}), append(lower, point{x, fr.y.at(low)})
		}
	}
	flush()
}

func (f *Figure) curve(l Lines, s Series, fr frame) {
	var path []point
	for _, p := range s.Points {
		if p.ok() && !(fr.y.log && p.Y <= 0) {
			path = append(path, point{fr.x.at(p.X), fr.y.at(p.Y)})
		}
	}
	if len(path) > 1 && !l.Scatter {
		f.line(series(s.Color), 2, s.dash(), path...)
	}
	if !l.Points && !l.Scatter && len(path) > 1 {
		return
	}
	for _, p := range s.Points {
		if !p.ok() || fr.y.log && p.Y <= 0 {
			continue
		}
		at := point{fr.x.at(p.X), fr.y.at(p.Y)}
		if l.Scatter {
			at.x += l.dodge(s)
		}
		f.marker(s.Color, at, p.Tip)
		if p.Label != "" {
			f.label(at, p.Label, fr)
		}
	}
}

// dodge sets the points of several series a little beside each other.
func (l Lines) dodge(s Series) float64 {
	if !l.Scatter {
		return 0
	}
	return 7 * (float64(s.Color) - float64(len(l.Series)-1)/2)
}

// label writes a text beside a point, where no other label is.
func (f *Figure) label(at point, text string, fr frame) {
	width := textWidth(textSize-1, false, text)
	for _, side := range []struct{ dx, dy float64 }{{7, -7}, {-7 - width, -7}, {7, 15}, {-7 - width, 15}} {
		x, y := at.x+side.dx, at.y+side.dy
		free := x >= fr.left && x+width <= fr.right && y-textSize >= fr.top && y <= fr.bottom
		for _, m := range f.marks {
			t, ok := m.(*words)
			free = free && !(ok && t.role == muted && t.anchor == start && math.Abs(t.at.y-y) < textSize &&
				t.at.x < x+width && x < t.at.x+textWidth(t.size, false, t.text))
		}
		if free {
			f.text(x, y, start, muted, textSize-1, text)
			return
		}
	}
}
