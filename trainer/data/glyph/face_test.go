package glyph

import (
	"strings"
	"testing"

	"crossbatch/trainer/data/datatest"
)

func TestFaces(t *testing.T) {
	faces := allFaces()
	// The README of the project's data counts 119 of the 128 faces.
	if len(faces) != 119 || len(goFaces()) != 10 {
		t.Errorf("%d faces, %d of Go's, want 119 and 10", len(faces), len(goFaces()))
	}
	names, families := make(map[string]bool), make(map[string]bool)
	for i, f := range faces {
		if names[f.name] {
			t.Errorf("face %s twice", f.name)
		}
		names[f.name] = true
		for _, excluded := range []string{"caps", "dunh", "unsl"} {
			if strings.Contains(f.name, excluded) {
				t.Errorf("face %s is to be left out", f.name)
			}
		}
		if i > 0 && f.family == faces[i-1].family {
			continue
		}
		// What comes first stands for the family when look-alikes are merged.
		if families[f.family] {
			t.Errorf("the faces of %s do not stand together", f.family)
		}
		families[f.family] = true
		for _, slanted := range []string{"bold", "italic", "oblique"} {
			if strings.Contains(f.name, slanted) {
				t.Errorf("family %s starts with %s", f.family, f.name)
			}
		}
	}
	if len(families) != 15 {
		t.Errorf("%d families, want 15", len(families))
	}
}

func TestParseFacesNamesABrokenFont(t *testing.T) {
	faces := goFaces()[:2]
	faces[1].ttf = faces[1].ttf[:100]
	_, err := parseFaces(faces)
	datatest.Line(t, "cut short", err, faces[1].name, "go mod verify")
}
