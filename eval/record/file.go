package record

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// tempPrefix begins the name of a file that is not complete.
const tempPrefix = ".partial-"

// WriteFile makes the file at path out of what write writes, by way of a
// temporary file beside it: synced, then renamed, then the folder synced. After
// an error the temporary file is gone and what was at path is untouched, or, if
// only the last of it failed, replaced as a whole.
func WriteFile(path string, write func(io.Writer) error) error {
	return writeFile(OS{}, path, write)
}

// NewFile is [WriteFile], and makes the folder if there is none; its errors say what to do.
func NewFile(path string, write func(io.Writer) error) error {
	return Folder{Path: filepath.Dir(path)}.Write(filepath.Base(path), write)
}

// CheckFree returns an error where a file cannot be made at path: there is a folder or, unless
// it is to be replaced, a file.
func CheckFree(path string, replace bool) error {
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a folder: give a file", path)
	case !replace:
		return fmt.Errorf("%s is there already: choose another file, or --force to replace it", path)
	}
	return nil
}

func writeFile(fs FS, path string, write func(io.Writer) error) (err error) {
	dir := filepath.Dir(path)
	temp, err := fs.CreateTemp(dir, tempPrefix+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	renamed := false
	defer func() {
		if err != nil && !renamed {
			err = errors.Join(err, ignoreClosed(temp.Close()), fs.Remove(temp.Name()))
		}
	}()
	buffered := bufio.NewWriter(temp)
	if err := write(buffered); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	if err := fs.Rename(temp.Name(), path); err != nil {
		return err
	}
	renamed = true
	return fs.SyncDir(dir)
}

func ignoreClosed(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}
