package record

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Arrays writes named arrays as NumPy's .npz: a zip of .npy files, not compressed. The same
// arrays give the same bytes. Make one with [NewArrays].
//
// https://numpy.org/doc/stable/reference/generated/numpy.savez.html
type Arrays struct {
	zip   *zip.Writer
	begun func() error // whether the array that was begun last is whole; nil: none was
}

// NewArrays writes to w. Close ends the file, not w.
func NewArrays(w io.Writer) *Arrays { return &Arrays{zip: zip.NewWriter(w)} }

// Number is what an array holds.
type Number interface {
	uint8 | int32 | int64 | float32
}

// Array begins an array, whose numbers, row-major, are then given to add in as many pieces
// as there are. What is given is written at once, so that an array of any size takes
// little memory. The next array, or Close, is an error before it is complete.
func Array[T Number](a *Arrays, name string, shape ...int) (add func([]T) error, err error) {
	if err := a.whole(); err != nil {
		return nil, err
	}
	kind := map[string]string{"uint8": "|u1", "int32": "<i4", "int64": "<i8", "float32": "<f4"}[fmt.Sprintf("%T", *new(T))]
	w, err := a.zip.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
	if err == nil {
		err = writeNPY(w, kind, shape, []T{})
	}
	if err != nil {
		return nil, fmt.Errorf("record: array %s: %w", name, err)
	}
	left := 1
	for _, n := range shape {
		left *= n
	}
	a.begun = func() error {
		if left > 0 {
			return fmt.Errorf("record: array %s of shape %v: %d numbers are missing", name, shape, left)
		}
		return nil
	}
	return func(part []T) error {
		if left -= len(part); left < 0 {
			return fmt.Errorf("record: array %s of shape %v: %d numbers too many", name, shape, -left)
		}
		return binary.Write(w, binary.LittleEndian, part)
	}, nil
}

// AddArray writes an array of one dimension.
func AddArray[T Number](a *Arrays, name string, values []T) error {
	add, err := Array[T](a, name, len(values))
	if err != nil {
		return err
	}
	return add(values)
}

func (a *Arrays) whole() error {
	if a.begun == nil {
		return nil
	}
	return a.begun()
}

// Close writes the directory of the arrays. It is an error if the last one is not whole.
func (a *Arrays) Close() error { return errors.Join(a.whole(), a.zip.Close()) }
