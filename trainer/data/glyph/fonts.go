package glyph

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/files"

	"golang.org/x/image/font/sfnt"
)

// Bounds of what is taken for a font.
const (
	maxFonts     = 4096
	maxFontBytes = 1 << 28
)

// Fonts draws a set from the fonts below the folder root. A class is a letter, a digit or an
// ideograph of any script; an image is one typeface of it. Of a font collection the first font
// is taken. Fonts of small capitals, which have a capital in place of a small letter, are left
// out. The characters are chosen and drawn as in the sets of [Load]. With jitter each image is
// jittered once. A font that cannot be read is an error, or with skipBroken left out and named
// in the set's Broken.
func Fonts(root string, jitter, skipBroken bool) (*data.Set, error) {
	faces, broken, err := findFonts(root, skipBroken)
	if err != nil {
		return nil, err
	}
	set, err := loadGlyphs(glyphRules{faces: faces, minFamilies: 3, perFamily: 4, perClass: 12, jitter: jitter, allScripts: true})
	if err != nil {
		return nil, err
	}
	if set.Len() == 0 {
		return nil, fmt.Errorf("%s: no character is in fonts of three families: give a folder with more fonts", root)
	}
	set.Broken = broken
	return set, nil
}

// findFonts reads the fonts below a folder, in the order of their families and names. Those
// that cannot be read are errors, or left out.
func findFonts(root string, skip bool) (faces []face, broken []string, err error) {
	names, err := (&files.Source{Where: root}).Walk()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%s: no such folder: give the place where fonts lie", root)
	}
	if err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		if !isFont(name) {
			continue
		}
		if len(faces) == maxFonts {
			return nil, nil, fmt.Errorf("%s: more than %d fonts", root, maxFonts)
		}
		path := filepath.Join(root, filepath.FromSlash(name))
		f, err := readFont(path)
		switch {
		case err == nil && f.smallCaps:
		case err == nil:
			faces = append(faces, f)
		case skip:
			broken = append(broken, fmt.Sprintf("font %s: %v", path, err))
		default:
			return nil, nil, fmt.Errorf("font %s: %w", path, err)
		}
	}
	if len(faces) == 0 {
		return nil, nil, fmt.Errorf("%s: no fonts: want files that end in .ttf, .otf or .ttc", root)
	}
	sortFaces(faces)
	return faces, broken, nil
}

func isFont(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".ttf", ".otf", ".ttc":
		return true
	}
	return false
}

func readFont(path string) (face, error) {
	info, err := os.Stat(path)
	if err != nil {
		return face{}, files.Bare(err)
	}
	if info.Size() > maxFontBytes {
		return face{}, fmt.Errorf("%d bytes: more than %d", info.Size(), maxFontBytes)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return face{}, files.Bare(err)
	}
	return parseFont(filepath.Base(path), content)
}

// parseFont is the first font of a file's content.
func parseFont(name string, content []byte) (face, error) {
	content, err := realign(content)
	if err != nil {
		return face{}, err
	}
	font, err := sfnt.Parse(content)
	if err != nil {
		return face{}, fmt.Errorf("%w: damaged, or of a kind that cannot be read", err)
	}
	family, err := font.Name(nil, sfnt.NameIDTypographicFamily) // not one for each weight
	if err != nil || family == "" {
		family, err = font.Name(nil, sfnt.NameIDFamily)
	}
	if err != nil || family == "" {
		family = name
	}
	full, err := font.Name(nil, sfnt.NameIDFull)
	full = strings.ToLower(strings.ReplaceAll(full, " ", ""))
	return face{family: family, name: name, ttf: content, mayBreak: true, smallCaps: err == nil && strings.Contains(full, "smallcap")}, nil
}

var errFont = errors.New("no TrueType or OpenType font, or cut short")

// realign returns the first font of a file with its tables at multiples of four bytes,
// which not all collections have and the parser wants.
func realign(file []byte) ([]byte, error) {
	big := binary.BigEndian
	at := uint64(0)
	if len(file) >= 16 && string(file[:4]) == "ttcf" {
		at = uint64(big.Uint32(file[12:]))
	}
	if at+12 > uint64(len(file)) {
		return nil, errFont
	}
	head := file[at : at+12]
	count := uint64(big.Uint16(head[4:]))
	if at+12+16*count > uint64(len(file)) {
		return nil, errFont
	}
	directory := file[at+12 : at+12+16*count]
	font := append([]byte{}, head...)
	font = append(font, directory...)
	for i := range count {
		record := directory[16*i:]
		from, size := uint64(big.Uint32(record[8:])), uint64(big.Uint32(record[12:]))
		if from+size > uint64(len(file)) || uint64(len(font))+size > 2*maxFontBytes {
			return nil, errFont
		}
		for len(font)%4 != 0 {
			font = append(font, 0)
		}
		big.PutUint32(font[12+16*i+8:], uint32(len(font)))
		font = append(font, file[from:from+size]...)
	}
	return font, nil
}
