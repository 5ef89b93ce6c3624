package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/color"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"
)

func lines() Lines {
	return Lines{
		Name: "a", Title: "recall <&> gain", Desc: "words", X: Axis{Log: true, Label: "rows"}, Y: Axis{Min: 0, Max: 100}, Points: true,
		Series: []Series{
			{Name: "one", Points: []Point{{X: 0, Y: 20, Half: 10, Tip: "a tip"}, {X: 10, Y: 40, Half: 10}, {X: 1000, Y: 60, Half: 5}}},
			{Name: "two", Color: 1, Points: []Point{{X: 0, Y: 80, Half: math.NaN()}, {X: 10, Y: math.NaN()}, {X: 1000, Y: 90, Half: math.NaN()}}},
		},
	}
}

func figures() map[string]*Figure {
	return map[string]*Figure{
		"lines":   lines().Figure(),
		"nothing": Lines{Name: "n", Title: "nothing"}.Figure(),
		"scatter": Lines{Name: "s", Title: "gains", Scatter: true, ZeroLine: true, Series: []Series{{Points: []Point{{X: 1, Y: -1, Half: 2, Label: "64"}, {X: 1, Y: -1, Label: "64"}}}}}.Figure(),
		"filled":  Lines{Name: "f", Title: "bins", Series: []Series{{Filled: true, Points: []Point{{X: 0, Y: 1}, {X: 1, Y: 2}}}}}.Figure(),
		"bars":    Bars{Name: "b", Title: "ages", Categories: []string{"0", "1"}, Series: []BarSeries{{Name: "x", Values: []float64{0.5, 0}}}}.Figure(),
		"heat": Heat{Name: "h", Title: "map", Rows: []string{"0", "64"}, Columns: []string{"8"}, Values: [][]float64{{1}, {math.NaN()}},
			Labels: [][]string{{"1\n± 2"}, {""}}}.Figure(),
		"differences": Heat{Name: "i", Title: "gains", Zero: true, Rows: []string{"0"}, Columns: []string{"8", "16"}, Values: [][]float64{{1, -2}}, Labels: [][]string{{"+1.0", "-2.0"}}}.Figure(),
		"panels": Panels{Name: "p", Title: "weights", Series: []string{"positives", "negatives"}, X: Axis{Label: "cosine", Min: -1, Max: 1, Ticks: []Tick{{-1, "-1"}, {1, "1"}}},
			Panels: []Panel{{Title: "a", Note: "b", Values: [][]float64{{1, math.NaN()}, {0, 2}}}, {Title: "c"}, {}, {}, {Title: "d"}}}.Figure(),
		"forest": Forest{Name: "o", Title: "gains", Zero: true, Rows: []ForestRow{{Name: "batch 8", Heading: true}, {Name: "64", Value: 1, Half: 0.5, Text: "+1.0"}, {Name: "512", Value: -1, Half: 3}}}.Figure(),
	}
}

// Every figure is well-formed, is drawn as PNG at twice its size, and is the same
// when it is made again.
func TestEveryFigure(t *testing.T) {
	again := figures()
	for name, f := range figures() {
		var svg, inline, other, picture bytes.Buffer
		if err := errors.Join(f.SVG(&svg), f.Inline(&inline), again[name].SVG(&other), f.PNG(&picture)); err != nil {
			t.Fatal(err)
		}
		if svg.String() != other.String() {
			t.Errorf("%s: made again it is another", name)
		}
		if strings.Contains(svg.String(), "NaN") || strings.Contains(svg.String(), "Inf") {
			t.Errorf("%s: something is at no place", name)
		}
		for d := xml.NewDecoder(&svg); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if strings.Contains(inline.String(), "<style") {
			t.Errorf("%s: a part of a page brings a style of its own", name)
		}
		w, h := f.Size()
		size, err := png.DecodeConfig(&picture)
		if err != nil || size.Width != int(2*w) || math.Abs(float64(size.Height)-2*h) > 1 {
			t.Errorf("%s: %v×%v units make %d×%d pixels (%v)", name, w, h, size.Width, size.Height, err)
		}
	}
}

// Points are where the axes say, words are escaped, and what is not a number is
// not drawn.
func TestLinesAreDrawnWhereTheyAre(t *testing.T) {
	f := lines().Figure()
	var b bytes.Buffer
	if err := f.SVG(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"recall &lt;&amp;&gt; gain", "<title>a tip</title>", `aria-labelledby="a-title a-desc"`, "prefers-color-scheme:dark"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("there is no %s", want)
		}
	}
	var circles, squares []point
	bands := 0
	for _, m := range f.marks {
		s, ok := m.(*shape)
		if !ok {
			continue
		}
		switch {
		case s.radius > 0 && s.fill == series(0):
			circles = append(circles, s.points[0])
		case s.fill == series(1) && len(s.points) == 4 && s.stroke == paper:
			squares = append(squares, s.points[0])
		case s.fill >= series0 && s.stroke == none:
			bands++
		}
	}
	circles, squares = circles[1:], squares[1:] // the legend's
	if len(circles) != 3 || len(squares) != 2 || bands != 1 {
		t.Fatalf("%d and %d points, %d bands", len(circles), len(squares), bands)
	}
	if up := circles[0].y - circles[1].y; math.Abs(up-(circles[1].y-circles[2].y)) > 1e-9 || !(up > 0) {
		t.Errorf("equal steps up are at %v", circles)
	}
	if gap, rest := circles[1].x-circles[0].x, circles[2].x-circles[0].x; math.Abs(gap/rest-zeroGap) > 1e-9 {
		t.Errorf("zero is %v of %v before the rest", gap, rest)
	}
}

func TestPNGHasTheSeriesColours(t *testing.T) {
	var b bytes.Buffer
	if err := lines().Figure().PNG(&b); err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[color.RGBA]int{}
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			seen[color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA)]++
		}
	}
	for _, r := range []role{paper, ink, series(0), series(1)} {
		if seen[light().of(r)] < 50 {
			t.Errorf("%s has %d pixels", r.class(), seen[light().of(r)])
		}
	}
}

// The colours differ in lightness against their ground by WCAG's measure: text 4.5,
// curves 3.
func TestContrast(t *testing.T) {
	luminance := func(c color.RGBA) float64 {
		part := func(v uint8) float64 {
			x := float64(v) / 255
			if x <= 0.04045 {
				return x / 12.92
			}
			return math.Pow((x+0.055)/1.055, 2.4)
		}
		return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
	}
	contrast := func(a, b color.RGBA) float64 {
		x, y := luminance(a), luminance(b)
		return (max(x, y) + 0.05) / (min(x, y) + 0.05)
	}
	for name, s := range map[string]scheme{"light": light(), "dark": dark()} {
		for r := ink; r < series0+seriesColors; r++ {
			want := 3.0
			switch r {
			case ink, muted:
				want = 4.5
			case grid, paper:
				continue
			}
			if got := contrast(s.of(r), s.paper); got < want {
				t.Errorf("%s: %s has a contrast of %.2f, want %v", name, r.class(), got, want)
			}
		}
	}
}

func TestTextsAreWrapped(t *testing.T) {
	got := wrap("one two three four", 10, false, textWidth(10, false, "one two")+1)
	if want := "one two|three|four"; strings.Join(got, "|") != want {
		t.Errorf("%q, want %q", strings.Join(got, "|"), want)
	}
	if got := wrap("unbreakable", 10, false, 1); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// Names that are too wide are told apart by their ends.
func TestNamesThatAreTooWide(t *testing.T) {
	if got := fitted("triplet"); got != "triplet" {
		t.Error(got)
	}
	a, b := fitted("triplet:distance=cosine,margin=0.05"), fitted("triplet:distance=cosine,margin=0.4")
	if a == b || !strings.HasPrefix(a, "triplet:") || !strings.HasSuffix(a, "=0.05") || !strings.Contains(a, "…") {
		t.Errorf("%s, %s", a, b)
	}
	for _, name := range []string{a, b} {
		if w := textWidth(textSize, false, name); w > nameWidth {
			t.Errorf("%s is %g wide", name, w)
		}
	}
}
