package data

import (
	"fmt"
	"path"
	"strings"
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
func listFolder(s *source) (*listing, error) {
	names, err := s.walk(".")
	if err != nil {
		return nil, err
	}
	l := &listing{source: s}
	parts := map[string]part{}
	if s.has(splitFile) {
		if err := readSplit(s, parts); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		class, rest, below := strings.Cut(name, "/")
		if !below || !isImage(name) {
			continue
		}
		e := entry{file: name, class: class}
		if len(parts) > 0 {
			var ok bool
			if e.part, ok = parts[class]; !ok {
				return nil, fmt.Errorf("%s: class %q is not in %s", s.name(name), class, splitFile)
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
	if len(l.entries) == 0 {
		return nil, fmt.Errorf("%s: no images: an image's place is CLASS/NAME, with one of the endings %s", s.where, strings.Join(imageExtensions, " "))
	}
	return l, nil
}

func readSplit(s *source, parts map[string]part) error {
	kinds := map[string]part{"train": inTraining, "test": inTest}
	return s.lines(splitFile, 0, func(_ int, w []string) error {
		last := len(w) - 1
		class := strings.Join(w[:last], " ")
		kind, ok := kinds[w[last]]
		if !ok || class == "" {
			return wrongLine(w, "a class and train or test")
		}
		if _, twice := parts[class]; twice {
			return fmt.Errorf("class %q is there twice", class)
		}
		parts[class] = kind
		return nil
	})
}
