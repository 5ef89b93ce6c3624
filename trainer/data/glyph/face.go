package glyph

import (
	"cmp"
	"fmt"
	"slices"

	"crossbatch/trainer/data/parallel"

	"golang.org/x/image/font/sfnt"
)

// face is one font: an instance of every class it has a glyph for.
type face struct {
	family string // faces of one family are drawn alike: Go Mono, DejaVu Serif
	name   string
	ttf    []byte

	// Of fonts that others choose:
	mayBreak  bool // a glyph that cannot be read is one that is not there
	smallCaps bool
}

// typeface is a parsed face. It may be read by several goroutines at once.
type typeface struct {
	face
	font *sfnt.Font
	em   float32 // font units per em
}

// allFaces lists the faces of all font modules; those of a family stand together.
func allFaces() []face {
	return slices.Concat(goFaces(), dejavuFaces(), liberationFaces(), latinModernFaces(), stixFaces())
}

// sortFaces puts the faces of a family together, the upright regular one, as far as its
// name tells, first.
func sortFaces(faces []face) {
	slices.SortStableFunc(faces, func(a, b face) int {
		return cmp.Or(cmp.Compare(a.family, b.family), cmp.Compare(len(a.name), len(b.name)), cmp.Compare(a.name, b.name))
	})
}

// parseFaces parses faces in parallel and keeps their order.
func parseFaces(faces []face) ([]typeface, error) {
	parsed := make([]typeface, len(faces))
	err := parallel.Each(len(faces), func(i int) error {
		font, err := sfnt.Parse(faces[i].ttf)
		if err != nil {
			return fmt.Errorf("font %s: %w: the font module is damaged, run go mod verify", faces[i].name, err)
		}
		parsed[i] = typeface{face: faces[i], font: font, em: float32(font.UnitsPerEm())}
		return nil
	})
	return parsed, err
}
