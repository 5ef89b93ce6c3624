package chart

import (
	"image/color"
	"io"
	"math"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// pngDPI makes two pixels of a unit, which is a point here.
const pngDPI = 144

// PNG writes the figure in the light scheme, at twice its size in pixels.
func (f *Figure) PNG(w io.Writer) error {
	canvas := vgimg.NewWith(vgimg.UseWH(vg.Length(f.width), vg.Length(f.height)), vgimg.UseDPI(pngDPI),
		vgimg.UseBackgroundColor(light().paper))
	c := draw.New(canvas)
	at := func(p point) vg.Point { return vg.Point{X: vg.Length(p.x), Y: vg.Length(f.height - p.y)} }
	for _, m := range f.marks {
		switch m := m.(type) {
		case *shape:
			m.png(c, at)
		case *words:
			m.png(c, at)
		}
	}
	_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(w)
	return err
}

func (s *shape) png(c draw.Canvas, at func(point) vg.Point) {
	var path vg.Path
	if s.radius > 0 {
		center := at(s.points[0])
		path.Move(vg.Point{X: center.X + vg.Length(s.radius), Y: center.Y})
		path.Arc(center, vg.Length(s.radius), 0, 2*math.Pi)
		path.Close()
	} else {
		for i, p := range s.points {
			if i == 0 {
				path.Move(at(p))
			} else {
				path.Line(at(p))
			}
		}
		if s.fill != none {
			path.Close()
		}
	}
	if s.fill != none {
		fill := light().of(s.fill)
		c.SetColor(color.NRGBA{fill.R, fill.G, fill.B, uint8(math.Round(255 * s.opacity))})
		c.Fill(path)
	}
	if s.stroke != none {
		c.SetColor(light().of(s.stroke))
		c.SetLineWidth(vg.Length(s.width))
		var dash []vg.Length
		for _, d := range s.dash {
			dash = append(dash, vg.Length(d))
		}
		c.SetLineDash(dash, 0)
		c.Stroke(path)
	}
}

func (t *words) png(c draw.Canvas, at func(point) vg.Point) {
	s := style(t.size, t.bold)
	s.Color = light().of(t.role)
	s.XAlign = map[anchor]text.XAlignment{start: draw.XLeft, middle: draw.XCenter, end: draw.XRight}[t.anchor]
	s.YAlign = draw.YBottom
	p := at(t.at)
	// The text's box ends at its descent, below the baseline.
	below := s.FontExtents().Descent
	if t.turned {
		s.Rotation = math.Pi / 2
		p.X += below
	} else {
		p.Y -= below
	}
	c.FillText(s, p, t.text)
}

func style(size float64, bold bool) text.Style {
	f := font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, font.Length(size))
	if bold {
		f.Weight = xfont.WeightBold
	}
	return text.Style{Font: f, Handler: plot.DefaultTextHandler}
}

// wider is how much wider than ours the widest of usual typefaces is: what a
// browser draws with is not known here.
const wider = 1.16

// textWidth is how wide a text is at most.
func textWidth(size float64, bold bool, s string) float64 {
	return wider * float64(style(size, bold).Width(s))
}
