package study

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"crossbatch/eval/record"
)

// File is the file that describes a study, in its folder, beside the folders of its runs. See
// [Study].
const (
	File      = "study.yaml"
	studyLogs = "logs"
	// claimsFolder has who is at work on which run.
	claimsFolder = "claims"
)

// studyBegun reads what the folder dir was made for; nil where it is empty or not
// there. A folder of other files is refused.
func studyBegun(dir string) (*Study, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	// The lock, and what another process is about to write.
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") })
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
	if err := study.Continues(*was); err != nil {
		return fmt.Errorf("%s holds another study: %w: choose another folder, or --force to replace that study", dir, err)
	}
	return nil
}

// openStudy makes the runner's folder that of a study, or goes on with it there. With
// force another study's runs are removed, where its folders are what it lists.
func (r *Runner) openStudy(l layout) error {
	if err := checkStudy(r.Dir, l.study, r.Force); err != nil {
		return err
	}
	text, err := yaml.Marshal(l.study)
	if err != nil {
		return err
	}
	if was, err := os.ReadFile(filepath.Join(r.Dir, File)); err == nil && !r.Force && bytes.Equal(was, text) {
		return nil // others may be at work on it
	}
	lock, err := lockStudy(r.Dir)
	if err != nil {
		return err
	}
	return errors.Join(r.writeStudy(text), lock.Close())
}

// lockStudy keeps others from writing what a study is. Another may be about to.
func lockStudy(dir string) (lock io.Closer, err error) {
	for range 20 {
		if lock, err = record.Lock(dir); !errors.Is(err, record.ErrLocked) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if errors.Is(err, record.ErrNoLocks) { // the file is written whole, and by all alike
		return io.NopCloser(nil), nil
	}
	return lock, err
}

func (r *Runner) writeStudy(text []byte) error {
	was, err := studyBegun(r.Dir) // with the lock
	if err != nil {
		return err
	}
	if was != nil && r.Force {
		if err := r.clear(*was); err != nil {
			return err
		}
	}
	return writeText(r.Dir, File, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// clear removes the runs of the study that was in the folder.
func (r *Runner) clear(was Study) error {
	names, err := was.folders()
	if err != nil {
		return fmt.Errorf("%s: the study there cannot be read: %w: choose another folder", r.Dir, err)
	}
	if err := r.unheld(": stop that first, or choose another folder; should it be gone, remove " + filepath.Join(r.Dir, claimsFolder)); err != nil {
		return err
	}
	for _, name := range append(names, studyLogs, claimsFolder, PlanFile) {
		if err := os.RemoveAll(filepath.Join(r.Dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// unheld returns an error where a process is at work on a run of the study, with what to do.
func (r *Runner) unheld(advice string) error {
	at, err := r.claims().AnyHeld()
	if err != nil || at == nil {
		return err
	}
	return fmt.Errorf("%s: %s is at work on %s%s", r.Dir, at.State.Owner, at.Name, advice)
}

// writeText writes a file of a study: whole, or not at all.
func writeText(dir, name string, write func(io.Writer) error) error {
	path := filepath.Join(dir, name)
	if err := record.WriteFile(path, write); err != nil {
		return fmt.Errorf("%s was not written: %w", path, err)
	}
	return nil
}
