package glyph

import (
	"codeberg.org/go-fonts/stix/stix2mathregular"
	"codeberg.org/go-fonts/stix/stix2textbold"
	"codeberg.org/go-fonts/stix/stix2textbolditalic"
	"codeberg.org/go-fonts/stix/stix2textitalic"
	"codeberg.org/go-fonts/stix/stix2textmedium"
	"codeberg.org/go-fonts/stix/stix2textmediumitalic"
	"codeberg.org/go-fonts/stix/stix2textregular"
	"codeberg.org/go-fonts/stix/stix2textsemibold"
	"codeberg.org/go-fonts/stix/stix2textsemibolditalic"
)

// stixFaces lists the STIX Two faces.
// The first face of a family is its upright regular one.
func stixFaces() []face {
	return []face{
		{family: "STIX Two Math", name: "stix2mathregular", ttf: stix2mathregular.TTF},
		{family: "STIX Two Text", name: "stix2textregular", ttf: stix2textregular.TTF},
		{family: "STIX Two Text", name: "stix2textbold", ttf: stix2textbold.TTF},
		{family: "STIX Two Text", name: "stix2textbolditalic", ttf: stix2textbolditalic.TTF},
		{family: "STIX Two Text", name: "stix2textitalic", ttf: stix2textitalic.TTF},
		{family: "STIX Two Text", name: "stix2textmedium", ttf: stix2textmedium.TTF},
		{family: "STIX Two Text", name: "stix2textmediumitalic", ttf: stix2textmediumitalic.TTF},
		{family: "STIX Two Text", name: "stix2textsemibold", ttf: stix2textsemibold.TTF},
		{family: "STIX Two Text", name: "stix2textsemibolditalic", ttf: stix2textsemibolditalic.TTF},
	}
}
