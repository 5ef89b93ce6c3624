package study

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"

	"crossbatch/eval/record"
)

// The files of a study, beside the folders of its runs.
const (
	File      = "study.yaml"
	studyLogs = "logs"
)

// studyBegun reads what the folder dir was made for; nil where it is empty or not
// there. A folder of other files is refused.
func studyBegun(dir string) (*Study, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return e.Name() == record.LockFile })
	if len(entries) == 0 {
		return nil, nil
	}
	path := filepath.Join(dir, File)
	text, err := record.ReadText(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("%s holds other files and no study: choose another folder", dir)
	case err != nil:
		return nil, err
	}
	study, err := ReadStudy(text)
	if err != nil {
		return nil, fmt.Errorf("%s is no study, or one of another version: %w: choose another folder", path, err)
	}
	return &study, nil
}

// checkStudy refuses to go on in the folder of another study.
func checkStudy(dir string, study Study, force bool) error {
	was, err := studyBegun(dir)
	if err != nil || was == nil || force {
		return err
	}
	study.Version = study.version()
	if err := study.Continues(*was); err != nil {
		return fmt.Errorf("%s holds another study: %w: choose another folder, or --force to replace that study", dir, err)
	}
	return nil
}

// openStudy makes dir the folder of a study, or goes on with it there, and keeps
// others out until it is closed. With force another study's runs are removed,
// where its folders are what remove lists.
func openStudy(dir string, study Study, force bool, folders func(Study) ([]string, error)) (io.Closer, error) {
	if err := checkStudy(dir, study, force); err != nil {
		return nil, err
	}
	lock, err := record.Lock(dir)
	if err != nil {
		return nil, err
	}
	if err := writeStudy(dir, study, force, folders); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

func writeStudy(dir string, study Study, force bool, folders func(Study) ([]string, error)) error {
	study.Version = study.version()
	was, err := studyBegun(dir) // with the lock
	if err != nil {
		return err
	}
	if was != nil && force {
		names, err := folders(*was)
		if err != nil {
			return fmt.Errorf("%s: the study there cannot be read: %w: choose another folder", dir, err)
		}
		for _, name := range append(names, studyLogs) {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	return writeText(dir, File, func(w io.Writer) error {
		e := yaml.NewEncoder(w)
		return errors.Join(e.Encode(study), e.Close())
	})
}

// writeText writes a file of a study: whole, or not at all.
func writeText(dir, name string, write func(io.Writer) error) error {
	path := filepath.Join(dir, name)
	if err := record.WriteFile(path, write); err != nil {
		return fmt.Errorf("%s was not written: %w", path, err)
	}
	return nil
}
