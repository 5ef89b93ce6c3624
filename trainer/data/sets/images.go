package sets

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/files"
	"crossbatch/trainer/data/photo"
)

// fromInput is the path of a list that comes from Options.Input.
const fromInput = "-"

// loadImages reads images without classes: those below a folder or in an archive, at any
// depth, in the order of their names, those that a text lists, one a line, in its order, or
// one image. A list's paths are relative to its folder, those of Options.Input to the working
// directory. What cannot be read is left out and named.
func loadImages(path string, o Options) (*data.Set, error) {
	l, err := listImages(path, o.Input)
	if err != nil {
		return nil, err
	}
	defer func() { _ = l.source.Close() }() // it was only read
	o.SkipBroken = true
	set, err := l.photos(o)
	if err != nil {
		return nil, err
	}
	set.NoClasses = true
	return set, nil
}

// Unlabelled lists image files without classes, before they are read.
type Unlabelled struct {
	Names   []string       // within a folder or archive, or as a list has them
	Listed  bool           // by a list, not found in a folder or archive
	LeftOut []data.LeftOut // what else there is, by reason
	source  *files.Source
}

// ListImages lists the images of images:PATH as [Load] does. If path is "-", the list is read
// from input. Close the result.
func ListImages(path string, input io.Reader) (*Unlabelled, error) {
	l, err := listImages(path, input)
	if err != nil {
		return nil, err
	}
	u := &Unlabelled{Listed: !l.found, LeftOut: l.left, source: l.source}
	for _, e := range l.entries {
		u.Names = append(u.Names, e.file)
	}
	return u, nil
}

// Open opens an image by its name, one of Names.
func (u *Unlabelled) Open(name string) (io.ReadCloser, error) {
	file, err := u.source.File(name)
	if err != nil {
		return nil, err
	}
	return file.Open()
}

// Close closes the archive of the images, if any.
func (u *Unlabelled) Close() error { return u.source.Close() }

func listImages(path string, input io.Reader) (*listing, error) {
	if path == fromInput {
		if input == nil {
			return nil, errors.New("there is no standard input to read a list of images from")
		}
		return listedImages("standard input", ".", input)
	}
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		file, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, files.Bare(err))
		}
		defer func() { _ = file.Close() }() // it was only read
		head := make([]byte, photo.HeadSize)
		n, _ := io.ReadFull(file, head) // a short file is a list
		switch kind := photo.KindOf(head[:n]); {
		case kind.IsImage():
			return &listing{source: files.Around("."), entries: []entry{{file: filepath.ToSlash(path)}}}, nil
		case isList(path, head[:n]):
			if _, err := file.Seek(0, io.SeekStart); err != nil {
				return nil, fmt.Errorf("%s: %w", path, files.Bare(err))
			}
			return listedImages(path, filepath.Dir(path), file)
		}
	}
	source, err := files.Open(path)
	if err != nil {
		return nil, err
	}
	l := &listing{source: source, found: true}
	names, err := l.pictures()
	if err != nil {
		return nil, errors.Join(err, source.Close())
	}
	for _, name := range names {
		l.entries = append(l.entries, entry{file: name})
	}
	if len(names) == 0 {
		return nil, errors.Join(fmt.Errorf("%s: no images%s", path, l.whatElse()), source.Close())
	}
	return l, nil
}

// isList tells a list from an archive: by its ending, or as it is text.
func isList(path string, head []byte) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".zip", ".tar":
		return false
	case ".txt", ".lst", ".list":
		return true
	}
	return !strings.ContainsRune(string(head), 0) && !strings.HasPrefix(string(head), "PK")
}

// listedImages reads a list: a path a line, without empty lines and those that begin with #.
func listedImages(name, folder string, r io.Reader) (*listing, error) {
	text, err := files.Text(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	l := &listing{source: files.Around(folder), asListed: true}
	lines := bufio.NewScanner(text)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		l.entries = append(l.entries, entry{file: strings.ReplaceAll(line, `\`, "/"), where: fmt.Sprintf("%s, line %d", name, n)})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s, after image %d: %w: want a path a line", name, len(l.entries), err)
	}
	if len(l.entries) == 0 {
		return nil, fmt.Errorf("%s: it names no images: want a path a line", name)
	}
	return l, nil
}
