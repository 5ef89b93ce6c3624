package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/image/font/sfnt"
)

// Bounds of what is taken for a font.
const (
	maxFonts     = 4096
	maxFontBytes = 1 << 28
)

// loadFonts draws a set from the fonts below a folder: a class is a letter, a digit or an
// ideograph, of any script, an instance is a typeface. Of a collection the first font is
// taken. The rules are those of the glyphs, but that a class needs three images and no
// more than one typeface of a family is taken: the families here are the makers of fonts,
// and their bold is no other hand.
func loadFonts(root string, jitter bool) (*Set, error) {
	faces, err := findFonts(root)
	if err != nil {
		return nil, err
	}
	return loadGlyphs(glyphRules{faces: faces, minFamilies: 3, perFamily: 1, perClass: 12, jitter: jitter, allScripts: true})
}

// findFonts reads the fonts below a folder, in the order of their families and names.
func findFonts(root string) ([]face, error) {
	var faces []face
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%s: no such folder: give the place where fonts lie", path)
		case err != nil:
			return fmt.Errorf("%s: %w", path, bare(err))
		case entry.IsDir() && !isFont(path), !isFont(path):
			return nil
		case len(faces) == maxFonts:
			return fmt.Errorf("%s: more than %d fonts", root, maxFonts)
		}
		f, err := readFont(path)
		if err != nil {
			return fmt.Errorf("font %s: %w", path, err)
		}
		faces = append(faces, f)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(faces) == 0 {
		return nil, fmt.Errorf("%s: no fonts: want files that end in .ttf, .otf or .ttc", root)
	}
	sortFaces(faces)
	return faces, nil
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
		return face{}, bare(err)
	}
	if info.Size() > maxFontBytes {
		return face{}, fmt.Errorf("%d bytes: more than %d", info.Size(), maxFontBytes)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return face{}, bare(err)
	}
	if content, err = realign(content); err != nil {
		return face{}, err
	}
	font, err := sfnt.Parse(content)
	if err != nil {
		return face{}, fmt.Errorf("%w: damaged, or of a kind that cannot be read", err)
	}
	family, err := font.Name(nil, sfnt.NameIDFamily)
	if err != nil {
		family = filepath.Base(path)
	}
	return face{family: family, name: filepath.Base(path), ttf: content, mayBreak: true}, nil
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
