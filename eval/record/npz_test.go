package record

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// An array that is not whole is an error, where the next begins and at the end; one of
// too many numbers is at once.
func TestArraysAreWhole(t *testing.T) {
	for _, next := range []string{"another", "the end"} {
		a := NewArrays(io.Discard)
		add, err := Array[float32](a, "images", 2, 3)
		if err == nil {
			err = add(make([]float32, 5))
		}
		if err != nil {
			t.Fatal(err)
		}
		if next == "another" {
			err = AddArray(a, "labels", []int32{1})
		} else {
			err = a.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "images of shape [2 3]: 1 numbers are missing") {
			t.Errorf("%s: %v", next, err)
		}
		if err := add(make([]float32, 2)); err == nil || !strings.Contains(err.Error(), "1 numbers too many") {
			t.Errorf("%v", err)
		}
	}
	var file bytes.Buffer
	a := NewArrays(&file)
	if err := AddArray(a, "labels", []int32{1, 2}); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil || file.Len() == 0 {
		t.Error(err)
	}
}
