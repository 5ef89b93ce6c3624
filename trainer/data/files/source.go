// Package files reads the files of a data set from where they lie: a folder, a zip or a tar.
// It also reads the lists and other texts among them.
package files

import (
	"archive/tar"
	"archive/zip"
	"bytes"
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

// Source has the files of a data set: those of a folder, a zip or a tar. Names are relative,
// with slashes. Several goroutines may open files at once, until Close.
type Source struct {
	Where string // the path that was given
	files map[string]File
	close func() error
	free  bool // names may lead anywhere
}

// File is one file of a source.
type File struct {
	Size    int64
	Changed time.Time
	Open    func() (io.ReadCloser, error)
}

// Open opens the source at a path: a folder, a zip or a tar. Close it. The files of an archive
// are listed at once; those of a folder are looked up when they are asked for.
func Open(where string) (*Source, error) {
	info, err := os.Stat(where)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: no such folder or archive: give the place where the data set lies", where)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", where, Bare(err))
	case info.IsDir():
		return &Source{Where: where, close: func() error { return nil }}, nil
	}
	kind, err := archiveKind(where)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", where, Bare(err))
	case kind == ".zip":
		return openZip(where)
	case kind == ".tar":
		return openTar(where)
	case kind != "":
		return nil, fmt.Errorf("%s: %s: unpack it first", where, kind)
	}
	return nil, fmt.Errorf("%s: neither a folder nor a .zip or .tar: unpack it first", where)
}

// archiveKind is .zip, .tar, or the name of a kind that is not read, by content and then by name.
func archiveKind(where string) (string, error) {
	file, err := os.Open(where)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // it was only read
	head := make([]byte, 512)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	head = head[:n]
	for _, kind := range [][2]string{
		{"PK\x03\x04", ".zip"}, {"PK\x05\x06", ".zip"}, {"\x1f\x8b", "compressed by gzip"}, {"BZh", "compressed by bzip2"}, {"\xfd7zXZ", "compressed by xz"},
		{"\x28\xb5\x2f\xfd", "compressed by Zstandard"}, {"7z\xbc\xaf", "a 7-Zip archive"}, {"Rar!", "a RAR archive"},
	} {
		if bytes.HasPrefix(head, []byte(kind[0])) {
			return kind[1], nil
		}
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return ".tar", nil
	}
	if ending := strings.ToLower(filepath.Ext(where)); ending == ".zip" || ending == ".tar" {
		return ending, nil
	}
	return "", nil
}

// Around returns the source of the files of a folder and of all that a path from there leads
// to: the path may leave the folder, or be absolute.
func Around(folder string) *Source {
	return &Source{Where: folder, free: true, close: func() error { return nil }}
}

func openZip(where string) (*Source, error) {
	archive, err := zip.OpenReader(where)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: cut short or no zip, fetch it again", where, Bare(err))
	}
	s := &Source{Where: where, files: map[string]File{}, close: archive.Close}
	for _, f := range archive.File {
		// Some programs of Windows write \ between folders.
		name := path.Clean(strings.ReplaceAll(f.Name, `\`, "/"))
		if f.FileInfo().IsDir() || strings.HasSuffix(f.Name, `\`) || name == "." {
			continue
		}
		if err := unreadable(f); err != nil && !IsHousekeeping(name) {
			_ = archive.Close() // it was only read
			return nil, fmt.Errorf("%s: %s: %w", where, name, err)
		}
		if len(s.files) == maxFiles {
			_ = archive.Close() // as above
			return nil, fmt.Errorf("%s: more than %d files", where, maxFiles)
		}
		s.files[name] = File{int64(f.UncompressedSize64), f.Modified, f.Open}
	}
	return s, nil
}

// unreadable is why a member of a zip cannot be read.
func unreadable(f *zip.File) error {
	const encrypted = 1
	switch {
	case f.Flags&encrypted != 0:
		return errors.New("encrypted: unpack it with its password, and give the folder")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return fmt.Errorf("compressed by method %d, which is not read: unpack it, and give the folder", f.Method)
	}
	return nil
}

// openTar lists a tar that is not compressed: its members can then be read in any
// order.
func openTar(where string) (*Source, error) {
	file, err := os.Open(where)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, Bare(err))
	}
	s := &Source{Where: where, files: map[string]File{}, close: file.Close}
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
			s.files[path.Clean(header.Name)] = File{header.Size, header.ModTime, func() (io.ReadCloser, error) {
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

// File returns the file of this name. A name that leads out of the source is an error.
func (s *Source) File(name string) (File, error) {
	name = path.Clean(strings.ReplaceAll(name, `\`, "/"))
	if !s.free && !fs.ValidPath(name) {
		return File{}, fmt.Errorf("%s: a place outside of the data set", s.Name(name))
	}
	if s.files != nil {
		f, ok := s.files[name]
		if !ok {
			return f, fmt.Errorf("%s: %w", s.Name(name), fs.ErrNotExist)
		}
		return f, nil
	}
	full := s.Name(name)
	info, err := os.Stat(full)
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", full, Bare(err))
	}
	return File{info.Size(), info.ModTime(), func() (io.ReadCloser, error) { return os.Open(full) }}, nil
}

// Name returns the name of a file of the source in messages.
func (s *Source) Name(file string) string {
	if s.files != nil {
		return s.Where + ": " + file
	}
	if s.free && filepath.IsAbs(filepath.FromSlash(file)) {
		return filepath.FromSlash(file)
	}
	return filepath.Join(s.Where, filepath.FromSlash(file))
}

// Has tells whether the source has a file of this name.
func (s *Source) Has(name string) bool {
	_, err := s.File(name)
	return err == nil
}

// HasFolder tells whether the source has a folder of this name.
func (s *Source) HasFolder(name string) bool {
	if s.files == nil {
		info, err := os.Stat(filepath.Join(s.Where, name))
		return err == nil && info.IsDir()
	}
	for file := range s.files {
		if strings.HasPrefix(file, name+"/") {
			return true
		}
	}
	return false
}

// Sub returns the source of the files in one of its folders.
func (s *Source) Sub(folder string) *Source {
	below := &Source{Where: s.Name(folder), close: s.close}
	if s.files == nil {
		return below
	}
	below.Where, below.files = s.Where, map[string]File{}
	for name, f := range s.files {
		if rest, is := strings.CutPrefix(name, folder+"/"); is {
			below.files[rest] = f
		}
	}
	return below
}

// Close closes the archive. No file can be opened afterwards.
func (s *Source) Close() error { return s.close() }

// Of returns a source of files in memory, by their names. where is its name in messages.
func Of(where string, contents map[string][]byte) *Source {
	s := &Source{Where: where, files: map[string]File{}, close: func() error { return nil }}
	for name, content := range contents {
		s.files[name] = Content(content)
	}
	return s
}

// Content returns a file in memory.
func Content(content []byte) File {
	return File{Size: int64(len(content)), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }}
}

// Bare returns err without the path, for a message that names the path already.
func Bare(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}
