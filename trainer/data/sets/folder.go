package sets

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"crossbatch/trainer/data/files"
)

// imageExtensions are the kinds of image files that are read.
var imageExtensions = []string{".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp"}

func isImage(name string) bool {
	extension := strings.ToLower(path.Ext(name))
	for _, e := range imageExtensions {
		if extension == e {
			return !strings.HasPrefix(path.Base(name), ".")
		}
	}
	return false
}

// The file of a folder that says which classes are for what, if it is there.
const splitFile = "split.txt"

// listFolder lists a folder per class, with images at any depth below. A file
// split.txt beside the folders says on each line a class and its part, train or
// test; images of a test class in its folders query and gallery are that. Without
// it the classes are split by seed.
func listFolder(s *files.Source) (*listing, error) {
	names, err := s.Walk()
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.Contains(name, "/") || !isImage(name) })
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no images: an image's place is CLASS/NAME, with one of the endings %s", s.Where, strings.Join(imageExtensions, " "))
	}
	if top, ok := packedFolder(s, names); ok {
		return listFolder(s.Sub(top))
	}
	l := &listing{source: s}
	parts := map[string]part{}
	if s.Has(splitFile) {
		if err := readSplit(s, parts); err != nil {
			return nil, err
		}
	} else if err := notParts(s, names); err != nil {
		return nil, err
	}
	for _, name := range names {
		class, rest, _ := strings.Cut(name, "/")
		e := entry{file: name, class: class}
		if len(parts) > 0 {
			var ok bool
			if e.part, ok = parts[class]; !ok {
				return nil, fmt.Errorf("%s: class %q is not in %s", s.Name(name), class, splitFile)
			}
			if e.part == inTest {
				switch within, _, _ := strings.Cut(rest, "/"); within {
				case "query":
					e.part = query
				case "gallery":
					e.part = gallery
				}
			}
		}
		l.entries = append(l.entries, e)
	}
	return l, nil
}

// packedFolder is the one folder at the top that all is in, as archives have it that were
// packed with their folder.
func packedFolder(s *files.Source, names []string) (string, bool) {
	top, _, _ := strings.Cut(names[0], "/")
	for _, name := range names {
		rest, is := strings.CutPrefix(name, top+"/")
		if !is || !strings.Contains(rest, "/") {
			return "", false
		}
	}
	return top, !s.Has(splitFile)
}

// notParts refuses a folder whose folders are parts of a split, each with classes of its own.
func notParts(s *files.Source, names []string) error {
	for _, name := range names {
		switch top, rest, _ := strings.Cut(name, "/"); {
		case !slices.Contains([]string{"train", "val", "valid", "validation", "test"}, top), !strings.Contains(rest, "/"):
			return nil
		}
	}
	return fmt.Errorf("%s: its folders are train, test and so on, not classes: move the classes of all into one folder, with a %s that says CLASS train or CLASS test", s.Where, splitFile)
}

func readSplit(s *files.Source, parts map[string]part) error {
	kinds := map[string]part{"train": inTraining, "test": inTest}
	return s.Lines(splitFile, 0, func(_ int, w []string) error {
		last := len(w) - 1
		class := strings.Join(w[:last], " ")
		kind, ok := kinds[w[last]]
		if !ok || class == "" {
			return files.WrongLine(w, "a class and train or test")
		}
		if _, twice := parts[class]; twice {
			return fmt.Errorf("class %q is there twice", class)
		}
		parts[class] = kind
		return nil
	})
}
