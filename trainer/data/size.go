package data

import (
	"fmt"
	"strconv"
	"strings"
)

// Size is that of images as a network sees them, in pixels. The zero value is that of whoever
// uses it. As text it is one number for a square, or height × width: 64, 128x64.
type Size struct{ Height, Width int }

// maxSide bounds a size.
const maxSide = 1024

// ParseSize reads what String writes. "" and "0" are the zero value.
func ParseSize(text string) (Size, error) {
	height, width, isPair := strings.Cut(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(text)), "×", "x"), "x")
	if !isPair {
		width = height
	}
	if text == "" {
		return Size{}, nil
	}
	h, errHeight := strconv.Atoi(height)
	w, errWidth := strconv.Atoi(width)
	if errHeight != nil || errWidth != nil {
		return Size{}, fmt.Errorf("a size of %q: give one number for a square, or height x width, as in 128x64", text)
	}
	s := Size{h, w}
	return s, s.Validate()
}

// Validate returns an error unless both sides are 0, or from 1 to 1024.
func (s Size) Validate() error {
	if s == (Size{}) || min(s.Height, s.Width) >= 1 && max(s.Height, s.Width) <= maxSide {
		return nil
	}
	return fmt.Errorf("images of %s pixels: give 0 (the default) or sides of 1 to %d", s, maxSide)
}

// String is the size as text.
func (s Size) String() string {
	if s.Height == s.Width {
		return strconv.Itoa(s.Height)
	}
	return fmt.Sprintf("%dx%d", s.Height, s.Width)
}

// UnmarshalText reads a size as text.
func (s *Size) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSize(string(text))
	return err
}

// MarshalYAML is a number for a square, as it was when there were no others, else text.
func (s Size) MarshalYAML() (any, error) {
	if s.Height == s.Width {
		return s.Height, nil
	}
	return s.String(), nil
}

// MarshalJSON is as MarshalYAML.
func (s Size) MarshalJSON() ([]byte, error) {
	if s.Height == s.Width {
		return []byte(strconv.Itoa(s.Height)), nil
	}
	return []byte(strconv.Quote(s.String())), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Size) UnmarshalJSON(b []byte) error {
	return s.UnmarshalText([]byte(strings.Trim(string(b), `"`)))
}

// IsZero tells that no size is said.
func (s Size) IsZero() bool { return s == Size{} }

// Ways to bring a picture of any shape to the one that a network sees.
const (
	// ResizeCrop takes the largest part of that shape in the middle, as the field does; what is
	// beyond it is gone. Its loaders crop at random from the whole of an image in training,
	// here the crop is from that part.
	ResizeCrop = "crop"
	// ResizeSqueeze takes the whole picture and changes its proportions, as re-identification does.
	ResizeSqueeze = "squeeze"
	// ResizePad takes the whole picture in its proportions, between bars of the mean colour, which a
	// network sees as 0.
	ResizePad = "pad"
)

// Resizes lists the ways, the default first.
func Resizes() []string { return []string{ResizeCrop, ResizeSqueeze, ResizePad} }
