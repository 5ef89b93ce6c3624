package index

import (
	"errors"
	"slices"
)

// Remove removes the rows of these names, and of these groups and those below them, from
// the index in dir; with compact it is then written anew, so that nothing of them is left
// on the disk. It returns how many it removed and how many are left. No row is removed
// where one name or group is not there.
func Remove(dir string, names, groups []string, compact bool) (removed, left int, err error) {
	if len(groups) > 0 {
		of, err := NamesIn(dir, groups)
		if err != nil {
			return 0, 0, err
		}
		names = append(slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(of, name) }), of...)
	}
	err = change(dir, func(w *Writer) error {
		err := w.Remove(names...)
		if err == nil && compact {
			err = w.Compact()
		}
		left = w.Len()
		return err
	})
	return len(names), left, err
}

// Compact writes the index in dir anew without what was removed; see [Writer.Compact].
func Compact(dir string) error { return change(dir, (*Writer).Compact) }

// change opens the index in dir for writing while do is at work.
func change(dir string, do func(*Writer) error) (err error) {
	w, err := Append(dir, Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	return do(w)
}
