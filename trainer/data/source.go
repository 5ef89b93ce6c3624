package data

import (
	"archive/tar"
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
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
		if errors.Is(err, io.EOF) && endsInZeros(file) {
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

// endsInZeros tells whether a tar has the end that it should: without it, it may be cut short
// between two members.
func endsInZeros(file *os.File) bool {
	var last [512]byte
	info, err := file.Stat()
	if err != nil {
		return false
	}
	if _, err := file.ReadAt(last[:], info.Size()-int64(len(last))); err != nil {
		return false
	}
	return last == [512]byte{}
}

// file returns a file of the source. A name that leads out of it is not found.
func (s *source) file(name string) (sourceFile, error) {
	name = path.Clean(strings.ReplaceAll(name, `\`, "/"))
	if !fs.ValidPath(name) {
		return sourceFile{}, fmt.Errorf("%s: a place outside of the data set", s.name(name))
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

// hasFolder tells whether there is such a folder.
func (s *source) hasFolder(name string) bool {
	if s.files == nil {
		info, err := os.Stat(filepath.Join(s.where, name))
		return err == nil && info.IsDir()
	}
	for file := range s.files {
		if strings.HasPrefix(file, name+"/") {
			return true
		}
	}
	return false
}

// sub is the source of what lies in one of its folders.
func (s *source) sub(folder string) *source {
	below := &source{where: s.name(folder), close: s.close}
	if s.files == nil {
		return below
	}
	below.where, below.files = s.where, map[string]sourceFile{}
	for name, f := range s.files {
		if rest, is := strings.CutPrefix(name, folder+"/"); is {
			below.files[rest] = f
		}
	}
	return below
}
