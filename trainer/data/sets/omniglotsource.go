package sets

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"crossbatch/trainer/data/files"
)

// omniglotSource is where drawings lie. The zips stay open until Close.
type omniglotSource struct {
	drawings []drawing
	zips     []*zip.ReadCloser
}

// Close closes the zips. The drawings can't be opened afterwards.
func (s *omniglotSource) Close() {
	for _, z := range s.zips {
		// Nothing was written, so there is nothing to lose.
		_ = z.Close()
	}
}

// openOmniglot lists the drawings of a zip, or of a folder and the zips in it. The caller
// closes the source.
func openOmniglot(root string) (*omniglotSource, error) {
	info, err := os.Stat(root)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: no such folder or zip: give the place where Omniglot lies", root)
	case err != nil:
		return nil, fmt.Errorf("%w", err)
	}
	source := new(omniglotSource)
	switch {
	case info.IsDir():
		err = source.addFolder(root)
	case info.Mode().IsRegular():
		err = source.addZip(root)
	default:
		err = fmt.Errorf("%s: neither a folder nor a zip", root)
	}
	if err != nil {
		source.Close()
		return nil, err
	}
	return source, nil
}

func (s *omniglotSource) addFolder(root string) error {
	full, err := filepath.Abs(root)
	if err != nil {
		return fmt.Errorf("%w", err)
	}
	// The root's own name counts as a folder, so that it may be an alphabet.
	rootName := filepath.Base(full)
	tree := os.DirFS(root)
	return fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		where := filepath.Join(root, filepath.FromSlash(name))
		switch {
		case err != nil:
			return fmt.Errorf("%w", err)
		case entry.IsDir() || strings.HasPrefix(entry.Name(), "."):
			return nil
		case strings.EqualFold(path.Ext(name), ".zip"):
			return s.addZip(where)
		}
		class, file, ok := placeOf(path.Join(rootName, name))
		if !ok {
			return nil
		}
		if len(s.drawings) > maxDrawings {
			return fs.SkipAll // readDrawings refuses so many
		}
		s.drawings = append(s.drawings, drawing{
			class: class, file: file, where: where,
			open: func() (io.ReadCloser, error) { return tree.Open(name) },
		})
		return nil
	})
}

func (s *omniglotSource) addZip(name string) error {
	archive, err := zip.OpenReader(name)
	if err != nil {
		return fmt.Errorf("zip %s: %w: cut short or no zip, fetch it again", name, files.Bare(err))
	}
	s.zips = append(s.zips, archive)
	s.drawings = append(s.drawings, zipDrawings(name, &archive.Reader)...)
	return nil
}

// zipDrawings lists the drawings of a zip, at most one more than readDrawings accepts.
func zipDrawings(name string, archive *zip.Reader) []drawing {
	var drawings []drawing
	for _, member := range archive.File {
		class, file, ok := placeOf(member.Name)
		if !ok || len(drawings) > maxDrawings {
			continue
		}
		drawings = append(drawings, drawing{
			class: class, file: file, where: name + ": " + member.Name, open: member.Open,
		})
	}
	return drawings
}
