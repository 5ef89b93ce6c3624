package augment

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Span is an interval from which a number is drawn, as text 0.2..1. Low and High may be equal.
type Span struct{ Low, High float64 }

// String returns the span as text.
func (s *Span) String() string { return fmt.Sprintf("%g..%g", s.Low, s.High) }

// UnmarshalText reads a span of numbers above 0.
func (s *Span) UnmarshalText(text []byte) error {
	low, high, isPair := strings.Cut(string(text), "..")
	if !isPair {
		high = low
	}
	var errLow, errHigh error
	s.Low, errLow = strconv.ParseFloat(low, 64)
	s.High, errHigh = strconv.ParseFloat(high, 64)
	if errLow != nil || errHigh != nil || !(s.Low > 0 && s.Low <= s.High && s.High <= 100) {
		return errors.New("give two numbers from above 0 to 100, the lower first, as in 0.2..1")
	}
	return nil
}
