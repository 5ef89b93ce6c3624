package chart

import (
	"fmt"
	"image/color"
	"strings"
)

// scheme is the colours of the roles. The series' are told apart with the common
// kinds of colour blindness; besides, each has a marker of its own.
type scheme struct {
	ink, muted, grid, paper color.RGBA
	series                  [seriesColors]color.RGBA
}

func rgb(hex uint32) color.RGBA {
	return color.RGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 255}
}

func light() scheme {
	return scheme{
		ink: rgb(0x24262b), muted: rgb(0x5f646d), grid: rgb(0xe3e5e8), paper: rgb(0xffffff),
		series: [...]color.RGBA{rgb(0x1f6fbf), rgb(0xd95f02), rgb(0x00806a), rgb(0xa3459b), rgb(0x8a6a00), rgb(0x5b6770)},
	}
}

func dark() scheme {
	return scheme{
		ink: rgb(0xe9ebee), muted: rgb(0xa4abb5), grid: rgb(0x363b43), paper: rgb(0x1b1e23),
		series: [...]color.RGBA{rgb(0x6db3f2), rgb(0xff9a4d), rgb(0x4fc9a8), rgb(0xe08fd6), rgb(0xd9b840), rgb(0xaab6c2)},
	}
}

func (s scheme) of(r role) color.RGBA {
	switch r {
	case ink:
		return s.ink
	case muted:
		return s.muted
	case grid:
		return s.grid
	case paper:
		return s.paper
	}
	return s.series[int(r-series0)%seriesColors]
}

// class is the name of a role in style sheets.
func (r role) class() string {
	switch r {
	case ink:
		return "ink"
	case muted:
		return "muted"
	case grid:
		return "grid"
	case paper:
		return "paper"
	}
	return fmt.Sprintf("s%d", int(r-series0)%seriesColors)
}

// CSS is the style sheet of all figures, light and dark; SVG that is part of a
// page needs it there. Prints are light.
func CSS() string {
	rules := func(s scheme) string {
		var b strings.Builder
		for r := ink; r < series0+seriesColors; r++ {
			c := s.of(r)
			hex := fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
			fmt.Fprintf(&b, ".xf-%s{fill:%s}.xs-%s{stroke:%s}", r.class(), hex, r.class(), hex)
		}
		return b.String()
	}
	return ".xt{font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"Liberation Sans\",Arial,sans-serif}.xb{font-weight:600}\n" +
		rules(light()) + "\n@media screen and (prefers-color-scheme:dark){" + rules(dark()) + "}\n"
}
