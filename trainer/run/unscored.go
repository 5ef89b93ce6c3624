package run

import "fmt"

// Unscored says that a run has trained to its end, but that something failed after the
// last step: a score, a picture, the disk. Its weights, its configuration and its last
// checkpoint are kept. [Session.Saved] opens it as any other, and [Session.Resume]
// makes what is missing.
type Unscored struct {
	Dir string // of the run
	Err error  // what failed
}

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
