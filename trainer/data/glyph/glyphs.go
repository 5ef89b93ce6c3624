// Package glyph makes sets of characters, drawn from the outlines of fonts: those of font
// modules, or any that lie in a folder.
package glyph

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/parallel"

	"golang.org/x/image/font/sfnt"
)

// glyphRules says which glyphs become images.
type glyphRules struct {
	faces       []face
	minFamilies int // a class needs glyphs from so many families
	perFamily   int // faces of one family in a class at most
	perClass    int // images in a class at most
	jitter      bool
	allScripts  bool // not only those of the font modules
}

// Names lists the sets that Load knows.
func Names() []string {
	return []string{"glyphs", "glyphs-plain", "glyphs-small", "glyphs-small-plain"}
}

// Load draws one of the sets of [Names] from the fonts of Go modules: all of them, or Go's own
// fonts for glyphs-small. The plain sets are not jittered.
func Load(name string) (*data.Set, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("%q: give one of %s", name, strings.Join(Names(), ", "))
	}
	rules := allGlyphs()
	if strings.HasPrefix(name, "glyphs-small") {
		rules = smallGlyphs()
	}
	rules.jitter = !strings.HasSuffix(name, "-plain")
	return loadGlyphs(rules)
}

func allGlyphs() glyphRules {
	return glyphRules{faces: allFaces(), minFamilies: 3, perFamily: 4, perClass: 12}
}

// smallGlyphs uses Go's faces only; they are two families, so all are taken.
func smallGlyphs() glyphRules {
	return glyphRules{faces: goFaces(), minFamilies: 1, perFamily: 12, perClass: 12}
}

// minInk is the least sum of pixels of a glyph that isn't blank: two full pixels.
const minInk = 2 * 255

// glyphClass is one class of a glyph set.
type glyphClass struct {
	members []rune  // code points that look alike, ascending
	pixels  []uint8 // its images, one after the other
}

// loadGlyphs draws a set from the outlines of fonts.
//
// A class is a letter or digit, an instance is a face. Code points that look alike (see
// lookAlike) are one class, and a face adds one image to it, that of the lowest code point
// it has. A generator of the class's own deals the faces, within the limits of the rules;
// a face whose image before jitter equals one already taken, or is blank, is passed over.
// Classes stand in the order of their lowest code points, images as dealt.
func loadGlyphs(rules glyphRules) (*data.Set, error) {
	faces, err := parseFaces(rules.faces)
	if err != nil {
		return nil, err
	}
	runes, err := coveredRunes(faces, rules)
	if err != nil {
		return nil, err
	}
	classes, err := glyphClasses(faces, runes)
	if err != nil {
		return nil, err
	}
	err = parallel.Each(len(classes), func(i int) error { return classes[i].draw(faces, rules) })
	if err != nil {
		return nil, err
	}

	set := &data.Set{Channels: 1, Height: glyphSide, Width: glyphSide}
	for _, class := range classes {
		if len(class.pixels) == 0 {
			continue
		}
		label := int32(len(set.ClassNames))
		for range len(class.pixels) / glyphArea {
			set.Labels = append(set.Labels, label)
		}
		set.Pixels = append(set.Pixels, class.pixels...)
		set.ClassNames = append(set.ClassNames, fmt.Sprintf("%U %s", class.members[0], string(class.members)))
	}
	return set, nil
}

// glyphClasses groups runes, ascending, into classes of code points that look alike.
func glyphClasses(faces []typeface, runes []rune) ([]glyphClass, error) {
	portraits := make([]portrait, len(runes))
	err := parallel.Each(len(runes), func(i int) (err error) {
		portraits[i], err = portraitOf(faces, runes[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	var classes []glyphClass
	place := make([]int, len(runes))
	for i, first := range mergeLookAlikes(portraits) {
		if i == first {
			place[i] = len(classes)
			classes = append(classes, glyphClass{})
		}
		class := &classes[place[first]]
		class.members = append(class.members, runes[i])
	}
	return classes, nil
}

// instance is one image of a class before it is drawn.
type instance struct {
	face    *typeface
	contour outline
}

// draw stores the images of the class, or none where they come from too few families.
func (class *glyphClass) draw(faces []typeface, rules glyphRules) error {
	instances, pixels, err := class.deal(faces, rules)
	if err != nil {
		return err
	}
	class.pixels = pixels
	if !rules.jitter {
		return nil
	}
	var brush canvas
	for i, one := range instances {
		brush.draw(pixels[i*glyphArea:][:glyphArea], one.contour, jittered(class.members[0], one.face.name))
	}
	return nil
}

// deal chooses the faces of the class and returns their outlines and upright images.
func (class *glyphClass) deal(faces []typeface, rules glyphRules) (instances []instance, plain []uint8, err error) {
	var (
		buf    sfnt.Buffer
		brush  canvas
		pixels [glyphArea]uint8
		used   = make(map[string]int) // faces of a family
	)
	for _, f := range glyphRand(class.members[0], "faces").Perm(len(faces)) {
		face := &faces[f]
		if len(instances) == rules.perClass || used[face.family] == rules.perFamily {
			continue
		}
		contour, err := face.outlineOfFirst(&buf, class.members)
		if err != nil {
			return nil, nil, err
		}
		brush.draw(pixels[:], contour, upright())
		if ink(pixels[:]) < minInk || holdsImage(plain, pixels[:]) {
			continue
		}
		plain = append(plain, pixels[:]...)
		instances = append(instances, instance{face, contour})
		used[face.family]++
	}
	if len(used) < rules.minFamilies {
		return nil, nil, nil
	}
	return instances, plain, nil
}

// holdsImage says whether one of images, laid end to end, equals pixels.
func holdsImage(images, pixels []uint8) bool {
	for image := range slices.Chunk(images, glyphArea) {
		if bytes.Equal(image, pixels) {
			return true
		}
	}
	return false
}

func ink(pixels []uint8) (sum int) {
	for _, v := range pixels {
		sum += int(v)
	}
	return sum
}
