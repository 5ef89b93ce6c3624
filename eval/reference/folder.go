package reference

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Result is what checking one case came to.
type Result struct {
	Name   string // of the file, without .json
	Errors Errors
	// Err says what of the case cannot be checked, or is wrong beyond its numbers. It is
	// ErrOther where the case is of a kind that others check.
	Err error
}

// Other reports whether the case is of a kind that is not checked here.
func (r Result) Other() bool { return errors.Is(r.Err, ErrOther) }

// Failed reports whether the case was checked and did not pass.
func (r Result) Failed() bool { return !r.Other() && (r.Err != nil || r.Errors.Past()) }

// String is the result for people.
func (r Result) String() string {
	verdict, text := "ok  ", r.Errors.String()
	if r.Failed() {
		verdict = "FAIL"
	}
	if r.Other() {
		verdict = "--  "
	}
	if r.Err != nil {
		text = r.Err.Error()
	}
	return fmt.Sprintf("%s  %-50s %s", verdict, r.Name, text)
}

// Counts are the numbers of cases by their results.
type Counts struct{ Passed, Failed, Other int }

// CheckFolder checks the cases dir/*.json in the order of their names, and hands each
// result to told. It is an error where there are none.
func CheckFolder(dir string, told func(Result)) (n Counts, err error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return n, err
	}
	if len(paths) == 0 {
		return n, fmt.Errorf("there are no *.json in %s: give the folder that holds the cases", dir)
	}
	slices.Sort(paths)
	for _, path := range paths {
		r := Result{Name: strings.TrimSuffix(filepath.Base(path), ".json")}
		r.Errors, r.Err = CheckFile(path)
		switch {
		case r.Other():
			n.Other++
		case r.Failed():
			n.Failed++
		default:
			n.Passed++
		}
		told(r)
	}
	return n, nil
}
