package glyph

import (
	"fmt"
	"unicode"

	"crossbatch/trainer/data/parallel"

	"golang.org/x/image/font/sfnt"
)

// candidateRunes lists the letters and digits that may become classes, ascending. Code
// points beyond the Basic Multilingual Plane are left out, as the fonts mostly have styled
// copies there of letters that are classes already (𝐀, 𝒜), and of ideographs the rarest.
// Han and Hangul, which none of the font modules has, count in allScripts.
func candidateRunes(allScripts bool) []rune {
	var runes []rune
	for r := rune(0); r <= 0xffff; r++ {
		if (unicode.IsLetter(r) || unicode.IsDigit(r)) && (allScripts || !unicode.In(r, unicode.Han, unicode.Hangul)) {
			runes = append(runes, r)
		}
	}
	return runes
}

// coveredRunes returns the candidates that faces of as many families have as the rules say.
func coveredRunes(faces []typeface, rules glyphRules) ([]rune, error) {
	candidates := candidateRunes(rules.allScripts)
	has := make([][]bool, len(faces))
	err := parallel.Each(len(faces), func(f int) error {
		var buf sfnt.Buffer
		has[f] = make([]bool, len(candidates))
		for i, r := range candidates {
			glyph, err := faces[f].font.GlyphIndex(&buf, r)
			if err != nil && !faces[f].mayBreak {
				return fmt.Errorf("font %s: code point %U: %w", faces[f].name, r, err)
			}
			has[f][i] = glyph != 0
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var covered []rune
	for i, r := range candidates {
		families := 0
		// The faces of a family stand together.
		last := ""
		for f := range faces {
			if has[f][i] && faces[f].family != last {
				families++
				last = faces[f].family
			}
		}
		if families >= rules.minFamilies {
			covered = append(covered, r)
		}
	}
	return covered, nil
}
