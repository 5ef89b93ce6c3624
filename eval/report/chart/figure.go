package chart

import "math"

// Figure is a chart that is laid out. Its zero value draws nothing.
type Figure struct {
	Name  string // of its files, without ending
	Title string
	// Desc says in words what is to be seen, for those who do not see it.
	Desc string

	width, height float64
	marks         []mark
}

// Size is the figure's width and height, in units that are pixels where it is
// shown at its natural size.
func (f *Figure) Size() (width, height float64) { return f.width, f.height }

// role is what a mark is for, which decides its colour.
type role int

const (
	none role = iota
	ink
	muted
	grid
	paper
	series0 // and those after it
)

// seriesColors is how many series have a colour of their own; more go round.
const seriesColors = 6

func series(i int) role { return series0 + role(i%seriesColors) }

// mark is one thing drawn.
type mark interface{ isMark() }

type point struct{ x, y float64 }

// shape is a line or an area. A circle is a shape with a radius and one point.
type shape struct {
	points       []point
	radius       float64
	fill, stroke role
	width        float64 // of the stroke
	dash         []float64
	opacity      float64 // of the fill
	tip          string  // shown by a browser under the pointer
}

// anchor is which part of a text stands at its place.
type anchor int

const (
	start anchor = iota
	middle
	end
)

// words are a line of text whose baseline begins, or has its middle or end, at a
// place.
type words struct {
	at     point
	text   string
	size   float64
	bold   bool
	role   role
	anchor anchor
	turned bool // a quarter to the left
}

func (*shape) isMark() {}
func (*words) isMark() {}

func (f *Figure) add(m mark) { f.marks = append(f.marks, m) }

func (f *Figure) line(r role, width float64, dash []float64, points ...point) {
	f.add(&shape{points: points, stroke: r, width: width, dash: dash})
}

func (f *Figure) area(r role, opacity float64, tip string, points ...point) {
	f.add(&shape{points: points, fill: r, opacity: opacity, tip: tip})
}

func (f *Figure) text(x, y float64, a anchor, r role, size float64, text string) {
	f.add(&words{at: point{x, y}, text: text, size: size, role: r, anchor: a})
}

// box is the corners of a rectangle.
func box(x0, y0, x1, y1 float64) []point {
	return []point{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}
}

// marker draws a sign of its own for each of the first series.
func (f *Figure) marker(i int, at point, tip string) {
	const r = 4
	s := &shape{points: []point{at}, fill: series(i), opacity: 1, stroke: paper, width: 1, tip: tip}
	polygon := func(corners int, turn, r float64) {
		s.points = s.points[:0]
		for k := range corners {
			angle := 2*math.Pi*float64(k)/float64(corners) + turn
			s.points = append(s.points, point{at.x + r*math.Sin(angle), at.y - r*math.Cos(angle)})
		}
	}
	switch i % seriesColors {
	case 0:
		s.radius = r
	case 1:
		polygon(4, math.Pi/4, r*1.3)
	case 2:
		polygon(3, 0, r*1.5)
	case 3:
		polygon(4, 0, r*1.4)
	case 4:
		polygon(3, math.Pi, r*1.5)
	default:
		polygon(5, 0, r*1.3)
	}
	f.add(s)
}

// dashes tells series apart once the colours go round, and a little before.
func dashes(i int) []float64 {
	switch i / seriesColors % 3 {
	case 1:
		return []float64{6, 3}
	case 2:
		return []float64{2, 3}
	}
	return nil
}
