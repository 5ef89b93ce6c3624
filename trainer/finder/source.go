package finder

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"crossbatch/trainer/data/sets"
)

// Source is pictures that lie somewhere, without labels.
type Source struct {
	Items   []Place
	LeftOut int // files that are no pictures
	close   func() error
}

// Place is one of a source.
type Place struct {
	Name  string // relative, with slashes; as it was given, in a list
	Group string // the folder of its name, if it has one; in a list, that folder's name
	Read  func() ([]byte, error)
}

// Prefix begins the spec of pictures without labels, before a place.
const Prefix = "images:"

// mostBytes bounds the file of a picture.
const mostBytes = 1 << 29

// OpenSource lists the pictures at a place, as images:PLACE is read for [sets.Load]: those of a
// folder, at any depth, or of an archive; those that a text lists, one a line, by paths from its
// folder; one picture; or "-", a list on standard input.
func OpenSource(where string, stdin io.Reader) (*Source, error) {
	if where == "" {
		return nil, fmt.Errorf("%s names no place: give %sFOLDER, %sLIST.txt or %s-", Prefix, Prefix, Prefix, Prefix)
	}
	images, err := sets.ListImages(where, stdin)
	if err != nil {
		return nil, err
	}
	s := &Source{close: images.Close}
	for _, left := range images.LeftOut {
		s.LeftOut += left.Count
	}
	for _, name := range images.Names {
		group := path.Dir(name)
		if images.Listed {
			group = lastFolder(name)
		} else if group == "." {
			group = ""
		}
		s.Items = append(s.Items, Place{name, group, func() ([]byte, error) {
			r, err := images.Open(name)
			if err != nil {
				return nil, err
			}
			return readAll(r)
		}})
	}
	return s, nil
}

// picturesOf is the source of what is to be added to an index: of paths or, where there are
// none, of data that begins with Prefix. It is nil where data is of a set.
func picturesOf(data string, paths []string, stdin io.Reader) (*Source, error) {
	place, isImages := strings.CutPrefix(data, Prefix)
	switch {
	case len(paths) > 0 && data != "":
		return nil, errors.New("give files or --data, not both")
	case len(paths) > 0:
		return Files(paths), nil
	case isImages:
		return OpenSource(place, stdin)
	}
	return nil, nil
}

// Files is the source of files by their names.
func Files(names []string) *Source {
	s := &Source{close: func() error { return nil }}
	for _, name := range names {
		s.Items = append(s.Items, Place{name, lastFolder(filepath.ToSlash(filepath.Clean(name))), func() ([]byte, error) {
			f, err := os.Open(name)
			if err != nil {
				return nil, err
			}
			return readAll(f)
		}})
	}
	return s
}

// Queries is the source of files by their names, and by - of a picture on stdin.
func Queries(names []string, stdin io.Reader) *Source {
	s := Files(names)
	for i, name := range names {
		if name == "-" {
			s.Items[i] = Place{Name: "standard input", Read: func() ([]byte, error) { return readAll(io.NopCloser(stdin)) }}
		}
	}
	return s
}

// lastFolder is the name of the folder that a file lies in, as far as its name tells.
func lastFolder(name string) string {
	switch folder := path.Base(path.Dir(name)); folder {
	case ".", "/", "..":
		return ""
	default:
		return folder
	}
}

func readAll(r io.ReadCloser) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	if err == nil && len(b) > mostBytes {
		err = fmt.Errorf("more than %d MiB", mostBytes>>20)
	}
	return b, errors.Join(err, r.Close())
}

// Close closes what the pictures lie in.
func (s *Source) Close() error { return s.close() }
