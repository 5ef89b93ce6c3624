package chart

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"strconv"
	"strings"
)

// SVG writes the figure as a file of its own, with its style and background.
func (f *Figure) SVG(w io.Writer) error {
	b := bufio.NewWriter(w)
	f.open(b)
	fmt.Fprintf(b, "<style>%s</style>\n", CSS())
	fmt.Fprintf(b, "<rect class=\"xf-paper\" width=\"%s\" height=\"%s\"/>\n", short(f.width), short(f.height))
	f.body(b)
	return b.Flush()
}

// Inline writes the figure as part of an HTML page that has [CSS].
func (f *Figure) Inline(w io.Writer) error {
	b := bufio.NewWriter(w)
	f.open(b)
	f.body(b)
	return b.Flush()
}

func (f *Figure) open(b *bufio.Writer) {
	fmt.Fprintf(b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %s %s\" role=\"img\" aria-labelledby=\"%s-title %[3]s-desc\">\n",
		short(f.width), short(f.height), html.EscapeString(f.Name))
	fmt.Fprintf(b, "<title id=\"%s-title\">%s</title>\n<desc id=\"%[1]s-desc\">%[3]s</desc>\n",
		html.EscapeString(f.Name), html.EscapeString(f.Title), html.EscapeString(f.Desc))
}

func (f *Figure) body(b *bufio.Writer) {
	for _, m := range f.marks {
		switch m := m.(type) {
		case *shape:
			m.svg(b)
		case *words:
			m.svg(b)
		}
	}
	fmt.Fprintln(b, "</svg>")
}

func (s *shape) svg(b *bufio.Writer) {
	var attributes strings.Builder
	class := "xf-" + s.fill.class()
	if s.fill == none {
		class = ""
		attributes.WriteString(` fill="none"`)
	} else if s.opacity < 1 {
		attributes.WriteString(` fill-opacity="` + short(s.opacity) + `"`)
	}
	if s.stroke != none {
		class = strings.TrimSpace(class + " xs-" + s.stroke.class())
		attributes.WriteString(` stroke-width="` + short(s.width) + `" stroke-linejoin="round"`)
		if s.dash != nil {
			var parts []string
			for _, d := range s.dash {
				parts = append(parts, short(d))
			}
			attributes.WriteString(` stroke-dasharray="` + strings.Join(parts, " ") + `"`)
		}
	}
	element := "path"
	if s.radius > 0 {
		element = "circle"
		fmt.Fprintf(b, `<circle class="%s" cx="%s" cy="%s" r="%s"%s`, class, short(s.points[0].x), short(s.points[0].y), short(s.radius), attributes.String())
	} else {
		fmt.Fprintf(b, `<path class="%s" d="%s"%s`, class, s.path(), attributes.String())
	}
	if s.tip == "" {
		fmt.Fprintln(b, "/>")
		return
	}
	fmt.Fprintf(b, "><title>%s</title></%s>\n", html.EscapeString(s.tip), element)
}

// path is the shape in SVG's language of paths: closed where it is filled.
func (s *shape) path() string {
	var d strings.Builder
	for i, p := range s.points {
		if i == 0 {
			d.WriteString("M")
		} else {
			d.WriteString("L")
		}
		d.WriteString(short(p.x) + " " + short(p.y))
	}
	if s.fill != none {
		d.WriteString("Z")
	}
	return d.String()
}

func (t *words) svg(b *bufio.Writer) {
	class := "xt xf-" + t.role.class()
	if t.bold {
		class += " xb"
	}
	fmt.Fprintf(b, `<text class="%s" x="%s" y="%s" font-size="%s"`, class, short(t.at.x), short(t.at.y), short(t.size))
	switch t.anchor {
	case middle:
		fmt.Fprint(b, ` text-anchor="middle"`)
	case end:
		fmt.Fprint(b, ` text-anchor="end"`)
	}
	if t.turned {
		fmt.Fprintf(b, ` transform="rotate(-90 %s %s)"`, short(t.at.x), short(t.at.y))
	}
	fmt.Fprintf(b, ">%s</text>\n", html.EscapeString(t.text))
}

// short is a number to a hundredth, without zeros at its end.
func short(x float64) string {
	text := strconv.FormatFloat(x, 'f', 2, 64)
	text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	if text == "-0" || text == "" {
		return "0"
	}
	return text
}
