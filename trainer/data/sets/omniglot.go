package sets

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/parallel"
)

// Bounds of what a reader accepts, well above what Omniglot has: 32,460 drawings of some
// 300 bytes each.
const (
	maxDrawings     = 1 << 17
	maxDrawingBytes = 1 << 16
)

// drawing is one PNG of Omniglot that hasn't been read yet.
type drawing struct {
	class string // Greek/character01
	file  string // 0394_01.png: character and drawer, the same in every zip
	where string // for messages: the file, and the member of a zip
	open  func() (io.ReadCloser, error)
}

// loadOmniglot reads the handwritten characters at path: a folder that holds published
// zips or unpacked folders at any depth, or one zip. Every PNG in a folder
// ALPHABET/characterNN is a drawing; other files are ignored. Drawings of the same
// character in several zips make one class, and one that is there twice counts once.
//
// Classes stand in the order of alphabet and character, drawings in that of their names.
//
// Reference: B. M. Lake, R. Salakhutdinov and J. B. Tenenbaum, "Human-level concept
// learning through probabilistic program induction", Science 350 (2015),
// https://github.com/brendenlake/omniglot. Unlike there, drawings are 32 × 32 with soft
// edges instead of 105 × 105 with one bit, and ink is high.
func loadOmniglot(path string, skipBroken bool) (*data.Set, error) {
	source, err := openOmniglot(path)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	return readDrawings(path, source.drawings, skipBroken)
}

// readDrawings makes the set of the drawings found at where, by choice without those that
// cannot be read.
func readDrawings(where string, drawings []drawing, skipBroken bool) (*data.Set, error) {
	if len(drawings) == 0 {
		return nil, fmt.Errorf("%s: no drawings: a drawing's place is ALPHABET/characterNN/NAME.png, in a folder or a zip", where)
	}
	if len(drawings) > maxDrawings {
		return nil, fmt.Errorf("%s: more than %d drawings: give the folder that holds Omniglot only", where, maxDrawings)
	}
	slices.SortStableFunc(drawings, func(a, b drawing) int {
		return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.file, b.file))
	})
	drawings = slices.CompactFunc(drawings, func(a, b drawing) bool {
		return a.class == b.class && a.file == b.file
	})

	set := &data.Set{Channels: 1, Height: drawingSide, Width: drawingSide}
	for i, d := range drawings {
		if i == 0 || d.class != drawings[i-1].class {
			set.ClassNames = append(set.ClassNames, d.class)
		}
		set.Labels = append(set.Labels, int32(len(set.ClassNames)-1))
		set.Files = append(set.Files, d.where)
	}
	const area = drawingSide * drawingSide
	set.Pixels = make([]uint8, len(drawings)*area)
	why := make([]error, len(drawings))
	err := parallel.Each(len(drawings), func(i int) error {
		if why[i] = drawings[i].read(set.Pixels[i*area:][:area]); !skipBroken {
			return why[i]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	broken := map[int]string{}
	for i, err := range why {
		if err != nil {
			broken[i] = err.Error()
		}
	}
	if len(broken) > 0 {
		return set, set.LeaveOut(broken)
	}
	return set, nil
}

// placeOf splits the slash-separated name of a drawing into its class and file. It reports
// false for every other name.
func placeOf(name string) (class, file string, ok bool) {
	parts := strings.Split(path.Clean(name), "/")
	if len(parts) < 3 || slices.Contains(parts, "__MACOSX") {
		return "", "", false
	}
	alphabet, character, file := parts[len(parts)-3], parts[len(parts)-2], parts[len(parts)-1]
	number, isCharacter := strings.CutPrefix(character, "character")
	if !isCharacter || number == "" || strings.Trim(number, "0123456789") != "" {
		return "", "", false
	}
	if alphabet == "" || alphabet == ".." || strings.HasPrefix(file, ".") || path.Ext(file) != ".png" {
		return "", "", false
	}
	return alphabet + "/" + character, file, true
}
