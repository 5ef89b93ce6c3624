package finder

import (
	"cmp"
	"errors"

	"crossbatch/eval/index"
)

// Create makes an index in the folder at, for pictures embedded by the network of the run in
// dir, of which it keeps a copy. The writer is the caller's to close.
func Create(at, dir string, o index.Options) (*Encoder, *index.Writer, error) {
	e, err := Open(dir)
	if err != nil {
		return nil, nil, err
	}
	w, err := index.Create(at, e.Identity(), o)
	if err != nil {
		return nil, nil, err
	}
	if err := e.Keep(dir, at); err != nil {
		return nil, nil, errors.Join(err, w.Close())
	}
	return e, w, nil
}

// Append opens the index in the folder at for more pictures, embedded by the network of the run
// in dir or, for "", by its own copy. The writer is the caller's to close.
func Append(at, dir string) (*Encoder, *index.Writer, error) {
	e, err := Open(cmp.Or(dir, at))
	if err != nil {
		return nil, nil, err
	}
	w, err := index.Append(at, index.Options{})
	return e, w, err
}
