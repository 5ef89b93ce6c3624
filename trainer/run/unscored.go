package run

import "fmt"

// Unscored is the error of a run that has trained to its end, when something failed after the
// last step: a score, a picture, the disk. Its weights, its configuration and its last
// checkpoint are saved. [Session.Saved] opens it like any other run, and [Session.Resume]
// makes what is missing.
type Unscored struct {
	Dir string // of the run
	Err error  // what failed
}

// Error says what failed, and what is saved.
func (u *Unscored) Error() string {
	return fmt.Sprintf("%v: %s has been trained to its end, its weights are kept, its scores are missing", u.Err, u.Dir)
}

// Unwrap returns what failed.
func (u *Unscored) Unwrap() error { return u.Err }

// unscored is err as that of a run whose training has ended, if it has.
func unscored(dir string, trained bool, err error) error {
	if err == nil || !trained {
		return err
	}
	return &Unscored{dir, err}
}
