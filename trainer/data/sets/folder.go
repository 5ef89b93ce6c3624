package sets

import (
	"fmt"
	"slices"
	"strings"

	"crossbatch/trainer/data/files"
)

// The file of a folder that says which classes are for what, if it is there.
const splitFile = "split.txt"

// listFolder lists a folder per class, with images at any depth below. A file
// split.txt beside the folders says on each line a class and its part, train, val or
// test; images of a test class in its folders query and gallery are that. Folders train,
// val, test, query and gallery, each with a folder per class, are the parts of a split, see
// listParts. Else the classes are split by seed.
func listFolder(s *files.Source) (*listing, error) {
	l := &listing{source: s, found: true}
	all, err := l.pictures()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range all {
		if strings.Contains(name, "/") {
			names = append(names, name)
		} else {
			l.leave(leftOutside, name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no images: an image's place is CLASS/NAME%s", s.Where, l.whatElse())
	}
	if top, ok := packedFolder(s, names); ok {
		return listFolder(s.Sub(top))
	}
	if err := otherLayout(s, names); err != nil {
		return nil, err
	}
	parts := map[string]part{}
	if s.Has(splitFile) {
		if err := readSplit(s, parts); err != nil {
			return nil, err
		}
	} else if areParts(names) {
		return l, l.listParts(names)
	}
	for _, name := range names {
		class, rest, _ := strings.Cut(name, "/")
		e := entry{file: name, class: className(class)}
		if len(parts) > 0 {
			var ok bool
			if e.part, ok = parts[e.class]; !ok {
				return nil, fmt.Errorf("%s: class %q is not in %s", s.Name(name), class, splitFile)
			}
			if e.part == inTest {
				switch within, _, _ := strings.Cut(rest, "/"); strings.ToLower(within) {
				case "query":
					e.part = query
				case "gallery":
					e.part = gallery
				}
			}
		}
		l.entries = append(l.entries, e)
	}
	l.noteEmptied(func(name string) string {
		class, _, _ := strings.Cut(name, "/")
		return className(class)
	})
	return l, nil
}

// noteEmptied says which classes have images of kinds that are not read, and no others.
func (l *listing) noteEmptied(classOf func(name string) string) {
	known := map[string]bool{}
	for _, e := range l.entries {
		known[e.class] = true
	}
	var gone []string
	for _, name := range l.unread {
		if class := classOf(name); strings.Contains(name, "/") && !known[class] {
			known[class] = true
			gone = append(gone, class)
		}
	}
	if len(gone) > 0 {
		l.notes = append(l.notes, emptied(len(gone), gone[0]))
	}
}

// whatElse says what there is in place of images.
func (l *listing) whatElse() string {
	var b strings.Builder
	for _, left := range l.left {
		fmt.Fprintf(&b, "; %d left out: %s", left.Count, left.Reason)
	}
	return b.String()
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

// otherLayout refuses a folder that is laid out in a way that another spec reads.
func otherLayout(s *files.Source, names []string) error {
	for _, known := range []struct{ folder, spec string }{
		{marketGallery, "market"}, {"image_query", "veri"}, {"mask_test_v2", "msmt17"},
	} {
		if slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, known.folder+"/") }) {
			return fmt.Errorf("%s: it has %s, whose names say what is in an image: read it as %s:PATH", s.Where, known.folder, known.spec)
		}
	}
	return nil
}

func readSplit(s *files.Source, parts map[string]part) error {
	kinds := map[string]part{"train": inTraining, "val": inValidation, "test": inTest}
	return s.Lines(splitFile, 0, func(_ int, w []string) error {
		last := len(w) - 1
		class := className(strings.Join(w[:last], " "))
		kind, ok := kinds[strings.ToLower(w[last])]
		if !ok || class == "" {
			return files.WrongLine(w, "a class and train, val or test")
		}
		if _, twice := parts[class]; twice {
			return fmt.Errorf("class %q is there twice", class)
		}
		parts[class] = kind
		return nil
	})
}
