package finder

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"crossbatch/trainer/data/files"
	"crossbatch/trainer/data/photo"
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

// OpenSource lists the pictures at a place: a folder, at any depth, a .zip or a .tar; a .txt,
// that names files, one a line; or "-", such names on standard input.
func OpenSource(where string, stdin io.Reader) (*Source, error) {
	switch {
	case where == "":
		return nil, fmt.Errorf("%s names no place: give %sFOLDER, %sLIST.txt or %s-", Prefix, Prefix, Prefix, Prefix)
	case where == "-":
		return listed(stdin, "standard input")
	case strings.EqualFold(filepath.Ext(where), ".txt"):
		f, err := os.Open(where)
		if err != nil {
			return nil, fmt.Errorf("finder: %w", err)
		}
		s, err := listed(f, where)
		return s, errors.Join(err, f.Close())
	}
	from, err := files.Open(where)
	if err != nil {
		return nil, err
	}
	names, err := from.Walk()
	if err != nil {
		return nil, errors.Join(err, from.Close())
	}
	s := &Source{close: from.Close}
	for _, name := range names {
		if files.IsHousekeeping(name) || !isPicture(from, name) {
			s.LeftOut++
			continue
		}
		group := path.Dir(name)
		if group == "." {
			group = ""
		}
		s.Items = append(s.Items, Place{name, group, func() ([]byte, error) {
			file, err := from.File(name)
			if err != nil {
				return nil, err
			}
			r, err := file.Open()
			if err != nil {
				return nil, err
			}
			return readAll(r)
		}})
	}
	return s, nil
}

// Files is the source of files by their names.
func Files(names []string) *Source {
	s := &Source{close: func() error { return nil }}
	for _, name := range names {
		slashed := filepath.ToSlash(filepath.Clean(name))
		group := path.Base(path.Dir(slashed))
		if group == "." || group == "/" || group == ".." {
			group = ""
		}
		s.Items = append(s.Items, Place{name, group, func() ([]byte, error) {
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

func listed(r io.Reader, where string) (*Source, error) {
	var names []string
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if name := strings.TrimSpace(lines.Text()); name != "" {
			names = append(names, name)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("finder: %s: %w: give the name of a file on each line", where, err)
	}
	return Files(names), nil
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

// isPicture tells whether a file is to be read as a picture: by its ending, or else by its
// content. One that then cannot be read is named.
func isPicture(from *files.Source, name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".avif", ".heic", ".heif":
		return true
	case ".txt", ".csv", ".json", ".xml", ".zip", ".tar":
		return false
	}
	file, err := from.File(name)
	if err != nil {
		return false
	}
	r, err := file.Open()
	if err != nil {
		return false
	}
	defer func() { _ = r.Close() }() // it was only read
	head := make([]byte, photo.HeadSize)
	n, _ := io.ReadFull(r, head) // a short file is none
	return photo.KindOf(head[:n]).IsImage()
}
