package glyph

import (
	"slices"
	"testing"
)

func TestCandidateRunes(t *testing.T) {
	candidates := candidateRunes(false)
	for r, want := range map[rune]bool{
		'A': true, 'ё': true, '7': true, '٣': true, 'ʰ': true,
		'!': false, ' ': false, '⠿': false, '│': false, '\u0301': false, // mark, Braille, box
		'漢': false, '한': false, '𝐀': false,
	} {
		if _, got := slices.BinarySearch(candidates, r); got != want {
			t.Errorf("%U %c: candidate %v, want %v", r, r, got, want)
		}
	}
}

func TestCoveredRunes(t *testing.T) {
	faces, err := parseFaces(goFaces())
	if err != nil {
		t.Fatal(err)
	}
	both, err := coveredRunes(faces, glyphRules{minFamilies: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, found := slices.BinarySearch(both, 'A'); !found {
		t.Error("Go and Go Mono both have A")
	}
	if three, _ := coveredRunes(faces, glyphRules{minFamilies: 3}); len(three) > 0 {
		t.Errorf("%d code points in three of two families", len(three))
	}
}
