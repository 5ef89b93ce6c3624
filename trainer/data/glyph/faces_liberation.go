package glyph

import (
	"codeberg.org/go-fonts/liberation/liberationmonobold"
	"codeberg.org/go-fonts/liberation/liberationmonobolditalic"
	"codeberg.org/go-fonts/liberation/liberationmonoitalic"
	"codeberg.org/go-fonts/liberation/liberationmonoregular"
	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansbolditalic"
	"codeberg.org/go-fonts/liberation/liberationsansitalic"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"codeberg.org/go-fonts/liberation/liberationserifbold"
	"codeberg.org/go-fonts/liberation/liberationserifbolditalic"
	"codeberg.org/go-fonts/liberation/liberationserifitalic"
	"codeberg.org/go-fonts/liberation/liberationserifregular"
)

// liberationFaces lists the Liberation faces.
// The first face of a family is its upright regular one.
func liberationFaces() []face {
	return []face{
		{family: "Liberation Mono", name: "liberationmonoregular", ttf: liberationmonoregular.TTF},
		{family: "Liberation Mono", name: "liberationmonobold", ttf: liberationmonobold.TTF},
		{family: "Liberation Mono", name: "liberationmonobolditalic", ttf: liberationmonobolditalic.TTF},
		{family: "Liberation Mono", name: "liberationmonoitalic", ttf: liberationmonoitalic.TTF},
		{family: "Liberation Sans", name: "liberationsansregular", ttf: liberationsansregular.TTF},
		{family: "Liberation Sans", name: "liberationsansbold", ttf: liberationsansbold.TTF},
		{family: "Liberation Sans", name: "liberationsansbolditalic", ttf: liberationsansbolditalic.TTF},
		{family: "Liberation Sans", name: "liberationsansitalic", ttf: liberationsansitalic.TTF},
		{family: "Liberation Serif", name: "liberationserifregular", ttf: liberationserifregular.TTF},
		{family: "Liberation Serif", name: "liberationserifbold", ttf: liberationserifbold.TTF},
		{family: "Liberation Serif", name: "liberationserifbolditalic", ttf: liberationserifbolditalic.TTF},
		{family: "Liberation Serif", name: "liberationserifitalic", ttf: liberationserifitalic.TTF},
	}
}
