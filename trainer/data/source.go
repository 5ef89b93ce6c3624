package data

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// maxFiles bounds the files of a source, well above the largest published set.
const maxFiles = 1 << 24

// source is where the files of a data set lie: a folder, a zip or a tar. Files may
// be opened by several goroutines at once until it is closed.
type source struct {
	where string // as it was given
	files map[string]sourceFile
	close func() error
}

// sourceFile is one file of a source. Its name is relative, with slashes.
type sourceFile struct {
	size    int64
	changed time.Time
	open    func() (io.ReadCloser, error)
}

// openSource lists the files at a path. Those of a folder are looked for as they
// are asked for, so that a list of images need not be walked through twice.
func openSource(where string) (*source, error) {
	info, err := os.Stat(where)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: no such folder or archive: give the place where the data set lies", where)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", where, bare(err))
	case info.IsDir():
		return &source{where: where, close: func() error { return nil }}, nil
	case strings.EqualFold(filepath.Ext(where), ".zip"):
		return openZip(where)
	case strings.EqualFold(filepath.Ext(where), ".tar"):
		return openTar(where)
	}
	return nil, fmt.Errorf("%s: neither a folder nor a .zip or .tar: unpack it first", where)
}

func openZip(where string) (*source, error) {
	archive, err := zip.OpenReader(where)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: cut short or no zip, fetch it again", where, bare(err))
	}
	s := &source{where: where, files: map[string]sourceFile{}, close: archive.Close}
	for _, f := range archive.File {
		if !f.FileInfo().IsDir() {
			s.files[path.Clean(f.Name)] = sourceFile{int64(f.UncompressedSize64), f.Modified, f.Open}
		}
	}
	return s, nil
}

// openTar lists a tar that is not compressed: its members can then be read in any
// order.
func openTar(where string) (*source, error) {
	file, err := os.Open(where)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, bare(err))
	}
	s := &source{where: where, files: map[string]sourceFile{}, close: file.Close}
	for r := tar.NewReader(file); len(s.files) < maxFiles; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		at, seekErr := file.Seek(0, io.SeekCurrent)
		if err = errors.Join(err, seekErr); err != nil {
			_ = file.Close() // it was only read
			return nil, fmt.Errorf("%s: member %d: %w: cut short or no tar, fetch it again", where, len(s.files), err)
		}
		if header.Typeflag == tar.TypeReg {
			s.files[path.Clean(header.Name)] = sourceFile{header.Size, header.ModTime, func() (io.ReadCloser, error) {
				return io.NopCloser(io.NewSectionReader(file, at, header.Size)), nil
			}}
		}
	}
	_ = file.Close() // as above
	return nil, fmt.Errorf("%s: more than %d files", where, maxFiles)
}

// file returns a file of the source. A name that leads out of it is not found.
func (s *source) file(name string) (sourceFile, error) {
	name = path.Clean(strings.ReplaceAll(name, `\`, "/"))
	if !fs.ValidPath(name) {
		return sourceFile{}, fmt.Errorf("%s: %w", s.name(name), fs.ErrInvalid)
	}
	if s.files != nil {
		f, ok := s.files[name]
		if !ok {
			return f, fmt.Errorf("%s: %w", s.name(name), fs.ErrNotExist)
		}
		return f, nil
	}
	full := filepath.Join(s.where, filepath.FromSlash(name))
	info, err := os.Stat(full)
	if err != nil {
		return sourceFile{}, fmt.Errorf("%s: %w", full, bare(err))
	}
	return sourceFile{info.Size(), info.ModTime(), func() (io.ReadCloser, error) { return os.Open(full) }}, nil
}

// name is how messages call a file of the source.
func (s *source) name(file string) string {
	if s.files != nil {
		return s.where + ": " + file
	}
	return filepath.Join(s.where, filepath.FromSlash(file))
}

// has tells whether there is such a file.
func (s *source) has(name string) bool {
	_, err := s.file(name)
	return err == nil
}

// walk lists all files below a folder of the source, in the order of their names.
func (s *source) walk(below string) ([]string, error) {
	var names []string
	if s.files == nil {
		root := filepath.Join(s.where, filepath.FromSlash(below))
		err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return fmt.Errorf("%s: %w", filepath.Join(root, name), bare(err))
			case len(names) > maxFiles:
				return fmt.Errorf("%s: more than %d files", root, maxFiles)
			case !entry.IsDir():
				names = append(names, path.Join(below, name))
			}
			return nil
		})
		return names, err
	}
	for name := range s.files {
		if below == "." || strings.HasPrefix(name, below+"/") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// maxLine bounds a line of a list.
const maxLine = 1 << 16

// lines calls f for each line of a text file but the first skip and empty ones,
// with its number and blank-separated words. An error of f gets the file and line.
func (s *source) lines(name string, skip int, f func(line int, words []string) error) error {
	file, err := s.file(name)
	if err != nil {
		return err
	}
	r, err := file.open()
	if err != nil {
		return fmt.Errorf("%s: %w", s.name(name), bare(err))
	}
	defer func() { _ = r.Close() }() // it was only read
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, 0, 4096), maxLine)
	number := 0
	for scanner.Scan() {
		number++
		words := strings.Fields(scanner.Text())
		if number <= skip || len(words) == 0 {
			continue
		}
		if err := f(number, words); err != nil {
			return fmt.Errorf("%s, line %d: %w", s.name(name), number, err)
		}
	}
	if err := scanner.Err(); err != nil {
		return fmt.Errorf("%s, line %d: %w", s.name(name), number+1, err)
	}
	return nil
}
