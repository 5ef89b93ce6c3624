package files

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// maxDepth bounds how deep folders are looked into, as links can make them endless.
const maxDepth = 16

// Walk lists the names of all files of the source, sorted, without those of [IsHousekeeping].
// It follows links to folders.
func (s *Source) Walk() ([]string, error) {
	all, err := s.WalkAll()
	return slices.DeleteFunc(all, IsHousekeeping), err
}

// WalkAll lists the names of all files of the source, sorted. It follows links to folders.
func (s *Source) WalkAll() ([]string, error) {
	var names []string
	if s.files == nil {
		err := walkFolder(s.Where, "", 0, &names)
		slices.Sort(names)
		return names, err
	}
	for name := range s.files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

func walkFolder(root, below string, depth int, names *[]string) error {
	where := filepath.Join(root, filepath.FromSlash(below))
	if depth > maxDepth {
		return fmt.Errorf("%s: more than %d folders deep: does a link lead back?", where, maxDepth)
	}
	entries, err := os.ReadDir(where)
	switch {
	case err != nil && IsHousekeeping(below): // a system's, which not everybody may read
		return nil
	case err != nil:
		return fmt.Errorf("%s: %w", where, Bare(err))
	}
	for _, entry := range entries {
		name := path.Join(below, entry.Name())
		isFolder := entry.IsDir()
		if entry.Type()&os.ModeSymlink != 0 {
			if info, err := os.Stat(filepath.Join(where, entry.Name())); err == nil {
				isFolder = info.IsDir()
			}
		}
		if isFolder {
			if err := walkFolder(root, name, depth+1, names); err != nil {
				return err
			}
			continue
		}
		if len(*names) == maxFiles {
			return fmt.Errorf("%s: more than %d files", root, maxFiles)
		}
		*names = append(*names, name)
	}
	return nil
}

// With returns the part of the source that has file at its top: the source itself, or one of
// its folders, because archives are often packed with their folder. It is an error if there is
// none.
func (s *Source) With(file string) (*Source, error) {
	if s.Has(file) {
		return s, nil
	}
	var folders []string
	if s.files == nil {
		entries, err := os.ReadDir(s.Where)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Where, Bare(err))
		}
		for _, entry := range entries {
			folders = append(folders, entry.Name())
		}
	}
	for name := range s.files {
		if folder, _, below := strings.Cut(name, "/"); below {
			folders = append(folders, folder)
		}
	}
	slices.Sort(folders)
	var found []string
	for _, folder := range slices.Compact(folders) {
		if !IsHousekeeping(folder) && s.Has(path.Join(folder, file)) {
			found = append(found, folder)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("%s: no %s there: give the folder or archive that has it", s.Where, file)
	case 1:
		return s.Sub(found[0]), nil
	}
	return nil, errors.New(s.Where + ": " + file + " is in several folders, " + strings.Join(found, ", ") + ": give one of them")
}
