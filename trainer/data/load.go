package data

import (
	"fmt"
	"strings"
)

// Spec is a set that Load knows.
type Spec struct {
	Name        string // as Load takes it; PATH stands for a path
	Description string // one line
}

// Specs lists the sets that Load knows, the default first.
func Specs() []Spec {
	return []Spec{
		{"glyphs", "letters and digits in 119 faces of 15 families, at most 12 a class, jittered"},
		{"glyphs-plain", "the same images without jitter"},
		{"glyphs-small", "letters and digits in Go's own 10 faces, jittered"},
		{"glyphs-small-plain", "the same images without jitter"},
		{"omniglot:PATH", "handwritten characters from Omniglot's zips or unpacked folders at PATH"},
	}
}

// Load makes the set that spec names, one of [Specs]. Its errors are of one line and name
// the file that could not be read.
func Load(spec string) (*Set, error) {
	name, path, hasPath := strings.Cut(spec, ":")
	var (
		set *Set
		err error
	)
	switch name {
	case "glyphs", "glyphs-plain", "glyphs-small", "glyphs-small-plain":
		if hasPath {
			return nil, fmt.Errorf("data: set %q: %s takes no path: leave out %q", spec, name, ":"+path)
		}
		rules := allGlyphs()
		if strings.HasPrefix(name, "glyphs-small") {
			rules = smallGlyphs()
		}
		rules.jitter = !strings.HasSuffix(name, "-plain")
		set, err = loadGlyphs(rules)
	case "omniglot":
		if path == "" {
			return nil, fmt.Errorf("data: set %q: no path: write omniglot:PATH, the folder or zip that holds Omniglot", spec)
		}
		set, err = loadOmniglot(path)
	default:
		var names []string
		for _, known := range Specs() {
			names = append(names, known.Name)
		}
		return nil, fmt.Errorf("data: set %q: unknown: choose one of %s", spec, strings.Join(names, ", "))
	}
	if err != nil {
		return nil, err
	}
	set.Name = spec
	return set, nil
}
