package glyph

import (
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomediumitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/gomonobolditalic"
	"golang.org/x/image/font/gofont/gomonoitalic"
	"golang.org/x/image/font/gofont/goregular"
)

// goFaces lists Go's own faces, without the two in small capitals.
// The first face of a family is its upright regular one.
func goFaces() []face {
	return []face{
		{family: "Go", name: "goregular", ttf: goregular.TTF},
		{family: "Go", name: "gobold", ttf: gobold.TTF},
		{family: "Go", name: "gobolditalic", ttf: gobolditalic.TTF},
		{family: "Go", name: "goitalic", ttf: goitalic.TTF},
		{family: "Go", name: "gomedium", ttf: gomedium.TTF},
		{family: "Go", name: "gomediumitalic", ttf: gomediumitalic.TTF},
		{family: "Go Mono", name: "gomono", ttf: gomono.TTF},
		{family: "Go Mono", name: "gomonobold", ttf: gomonobold.TTF},
		{family: "Go Mono", name: "gomonobolditalic", ttf: gomonobolditalic.TTF},
		{family: "Go Mono", name: "gomonoitalic", ttf: gomonoitalic.TTF},
	}
}
