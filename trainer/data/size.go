package data

import (
	"fmt"
	"strconv"
	"strings"
)

// Size is the size of the network's input images, in pixels. The zero value stands for the
// default. Its text is one number for a square, or height × width: 64, 128x64.
type Size struct{ Height, Width int }

// maxSide bounds a size.
const maxSide = 1024

// ParseSize reads the text of a Size. "" and "0" are the zero value.
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

// String returns the size as text.
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

// MarshalYAML writes a number for a square, which older versions read, too, else the text.
func (s Size) MarshalYAML() (any, error) {
	if s.Height == s.Width {
		return s.Height, nil
	}
	return s.String(), nil
}

// MarshalJSON writes a number for a square, else the text.
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

// IsZero tells whether s is the zero value, which stands for the default.
func (s Size) IsZero() bool { return s == Size{} }

// The ways to resize a photograph of another shape to the input shape of the network.
const (
	// ResizeCrop takes the largest part of the input shape in the middle, which is usual. What
	// lies outside is lost: random crops of augmentation are from that part, where other
	// libraries crop from the whole photograph.
	ResizeCrop = "crop"
	// ResizeSqueeze takes the whole photograph and changes its proportions, as is usual in
	// re-identification.
	ResizeSqueeze = "squeeze"
	// ResizePad takes the whole photograph in its proportions, between bars of the mean
	// colour, which is 0 after normalisation.
	ResizePad = "pad"
)

// Resizes lists the ways to resize, the default first.
func Resizes() []string { return []string{ResizeCrop, ResizeSqueeze, ResizePad} }
