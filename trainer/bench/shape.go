package bench

import (
	"fmt"
	"strconv"
	"strings"
)

// Shape is three sizes from 1 to 2²⁰, as text 64x128x4096: of a product rows, inner and
// columns; of an image channels, height and width.
type Shape [3]int

// ParseShapes reads shapes.
func ParseShapes(texts ...string) (shapes []Shape, err error) {
	for _, text := range texts {
		var s Shape
		if err := s.UnmarshalText([]byte(text)); err != nil {
			return nil, err
		}
		shapes = append(shapes, s)
	}
	return shapes, nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Shape) UnmarshalText(text []byte) (err error) {
	parts := strings.Split(string(text), "x")
	if len(parts) != len(s) {
		return fmt.Errorf("shape %q: give it as 64x128x4096", text)
	}
	for i, part := range parts {
		if s[i], err = strconv.Atoi(part); err != nil || s[i] < 1 || s[i] > 1<<20 {
			return fmt.Errorf("shape %q: %q is no size from 1 to %d", text, part, 1<<20)
		}
	}
	return nil
}

// String is the shape as text.
func (s Shape) String() string { return fmt.Sprintf("%dx%dx%d", s[0], s[1], s[2]) }
