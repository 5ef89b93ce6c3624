package chart

import "strings"

// Measures of all figures.
const (
	figureWidth = 440
	titleSize   = 15
	textSize    = 13.2
	margin      = 12
	lineHeight  = 17
)

// head writes the title and the legend and returns where what follows begins.
func (f *Figure) head(title string, legend []entry) (y float64) {
	y = margin + titleSize
	for _, line := range wrap(title, titleSize, true, f.width-2*margin) {
		f.add(&words{at: point{margin, y}, text: line, size: titleSize, bold: true, role: ink})
		y += lineHeight + 2
	}
	if len(legend) == 0 {
		return y - 4
	}
	const sign, apart = 26, 14
	x := float64(margin)
	y += 3
	for _, e := range legend {
		w := sign + textWidth(textSize, false, e.name) + apart
		if x > margin && x+w-apart > f.width-margin {
			x = margin
			y += lineHeight + 1
		}
		e.draw(f, x, y-4)
		f.text(x+sign, y, start, ink, textSize, e.name)
		x += w
	}
	return y + 8
}

// entry is a name in a legend, with its sign.
type entry struct {
	name   string
	series int
	marker bool
	line   bool
	dash   []float64
	filled bool
}

func (e entry) draw(f *Figure, x, y float64) {
	if e.filled {
		f.area(series(e.series), 0.75, "", box(x+4, y-5, x+18, y+5)...)
		return
	}
	if e.line {
		f.line(series(e.series), 2, e.dash, point{x, y}, point{x + 20, y})
	}
	if e.marker {
		f.marker(e.series, point{x + 10, y}, "")
	}
}

// wrap breaks a text at spaces into lines no wider than width, where it can.
func wrap(text string, size float64, bold bool, width float64) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && textWidth(size, bold, longer) > width {
			lines = append(lines, line)
			longer = word
		}
		line = longer
	}
	return append(lines, line)
}

// frame is the inner part of a chart with two axes.
type frame struct {
	x, y                     scale
	left, right, top, bottom float64
}

// axes draws the axes between top and the figure's end, which it sets, and returns
// the frame for what is to be drawn. high is the height of the inner part.
func (f *Figure) axes(x, y Axis, sx, sy scale, top, high float64) frame {
	yTicks := y.Ticks
	if yTicks == nil {
		yTicks = sy.ticks(5)
	}
	widest := 0.0
	for _, t := range yTicks {
		widest = max(widest, textWidth(textSize, false, t.Label))
	}
	fr := frame{x: sx, y: sy, top: top + 6, left: margin + widest + 7, right: f.width - margin - 4}
	if y.Label != "" {
		fr.left += lineHeight
	}
	fr.bottom = fr.top + high
	fr.y.from, fr.y.to = fr.bottom, fr.top
	const inset = 10 // so that markers at the ends are whole
	fr.x.from, fr.x.to = fr.left+inset, fr.right-inset
	for _, t := range yTicks {
		at := fr.y.at(t.At)
		f.line(grid, 1, nil, point{fr.left, at}, point{fr.right, at})
		f.text(fr.left-7, at+4, end, muted, textSize, t.Label)
	}
	lines := f.xTicks(x, fr)
	if y.Label != "" {
		f.add(&words{at: point{margin + 9, (fr.top + fr.bottom) / 2}, text: y.Label, size: textSize, role: muted, anchor: middle, turned: true})
	}
	below := fr.bottom + 6 + float64(lines)*lineHeight
	if x.Label != "" {
		below += lineHeight + 2
		f.text((fr.left+fr.right)/2, below-2, middle, muted, textSize, x.Label)
	}
	f.height = below + margin - 2
	return fr
}

// xTicks draws the axis below; it returns how many lines its labels take.
func (f *Figure) xTicks(x Axis, fr frame) (lines int) {
	ticks := x.Ticks
	if ticks == nil {
		ticks = fr.x.ticks(6)
	}
	if fr.x.log && fr.x.zero {
		// The gap after zero.
		cut := fr.x.from + zeroGap*(fr.x.to-fr.x.from)*0.5
		f.line(muted, 1, nil, point{fr.left, fr.bottom}, point{cut - 3, fr.bottom})
		f.line(muted, 1, nil, point{cut + 3, fr.bottom}, point{fr.right, fr.bottom})
		for _, d := range []float64{-3, 3} {
			f.line(muted, 1, nil, point{cut + d - 2.5, fr.bottom + 5}, point{cut + d + 2.5, fr.bottom - 5})
		}
	} else {
		f.line(muted, 1, nil, point{fr.left, fr.bottom}, point{fr.right, fr.bottom})
	}
	last := -1e9
	for _, t := range ticks {
		at := fr.x.at(t.At)
		f.line(muted, 1, nil, point{at, fr.bottom}, point{at, fr.bottom + 4})
		parts := strings.Split(t.Label, "\n")
		half := 0.0
		for _, p := range parts {
			half = max(half, textWidth(textSize, false, p)/2)
		}
		if at-half < last+5 {
			continue // its label would touch the one before
		}
		last = at + half
		for i, p := range parts {
			f.text(at, fr.bottom+4+float64(i+1)*lineHeight-2, middle, muted, textSize, p)
		}
		lines = max(lines, len(parts))
	}
	return lines
}
