package spec

import (
	"encoding"
	"fmt"
	"math"
	"strconv"
)

// Field is a parameter of a thing.
type Field struct {
	Key string
	// At is where its value is: a *float64, an *int, a *bool, or a Choice.
	At any
	// Range is where the value of a number must lie. Nil: anywhere.
	Range *Range
}

// Choice is a parameter with values of its own, which say what they are as text.
type Choice interface {
	fmt.Stringer
	encoding.TextUnmarshaler // its error says what to give: "give one of hard, easy"
}

// String is the parameter as a text sets it.
func (f Field) String() string {
	switch at := f.At.(type) {
	case *float64:
		return fmt.Sprintf("%s=%g", f.Key, *at)
	case *int:
		return fmt.Sprintf("%s=%d", f.Key, *at)
	case *bool:
		return fmt.Sprintf("%s=%t", f.Key, *at)
	}
	return fmt.Sprintf("%s=%v", f.Key, f.At)
}

// Texts are all parameters, each as a text sets it.
func Texts(fields []Field) (texts []string) {
	for _, f := range fields {
		texts = append(texts, f.String())
	}
	return texts
}

// set reads the value.
func (f Field) set(text string) (err error) {
	switch at := f.At.(type) {
	case *float64:
		if *at, err = strconv.ParseFloat(text, 64); err != nil {
			return fmt.Errorf("%s is %q: give a number", f.Key, text)
		}
	case *int:
		// Some references write whole numbers with a point.
		whole, err := strconv.ParseFloat(text, 64)
		if *at = int(whole); err != nil || float64(*at) != whole {
			return fmt.Errorf("%s is %q: give a whole number", f.Key, text)
		}
	case *bool:
		if *at, err = strconv.ParseBool(text); err != nil {
			return fmt.Errorf("%s is %q: give true or false", f.Key, text)
		}
	case Choice:
		if err := at.UnmarshalText([]byte(text)); err != nil {
			return fmt.Errorf("%s is %q: %w", f.Key, text, err)
		}
	default:
		return fmt.Errorf("%s cannot be set by text", f.Key)
	}
	return nil
}

// check refuses a number out of its range.
func (f Field) check() error {
	var value float64
	switch at := f.At.(type) {
	case *float64:
		value = *at
	case *int:
		value = float64(*at)
	default:
		if v, ok := f.At.(interface{ Validate() error }); ok {
			return v.Validate()
		}
		return nil
	}
	if f.Range == nil || f.Range.holds(value) {
		return nil
	}
	return fmt.Errorf("%s is %g: give %s", f.Key, value, f.Range)
}

// Check returns an error that names the first field out of its range, in the form
// of Parse's errors: kind "name": what is wrong.
func Check(kind, name string, fields []Field) error {
	for _, f := range fields {
		if err := f.check(); err != nil {
			return fmt.Errorf("%s %q: %w", kind, name, err)
		}
	}
	return nil
}

// Range is an interval of numbers. NaN is in none.
type Range struct {
	lo, hi float64
	isOpen bool // without its ends
}

// From is the range from lo to hi, both included.
func From(lo, hi float64) *Range { return &Range{lo: lo, hi: hi} }

// Above is the range of finite numbers above lo.
func Above(lo float64) *Range { return &Range{lo, math.Inf(1), true} }

// AtLeast is the range of finite numbers from lo on.
func AtLeast(lo float64) *Range { return &Range{lo: lo, hi: math.MaxFloat64} }

// Between is the range above lo and under hi.
func Between(lo, hi float64) *Range { return &Range{lo, hi, true} }

func (r *Range) holds(x float64) bool {
	if r.isOpen {
		return x > r.lo && x < r.hi
	}
	return x >= r.lo && x <= r.hi
}

// String completes the sentence "give …".
func (r *Range) String() string {
	switch {
	case r.isOpen && math.IsInf(r.hi, 1):
		return fmt.Sprintf("a value above %g", r.lo)
	case r.isOpen:
		return fmt.Sprintf("a value above %g and under %g", r.lo, r.hi)
	case r.hi == math.MaxFloat64:
		return fmt.Sprintf("a value of %g or more", r.lo)
	}
	return fmt.Sprintf("a value from %g to %g", r.lo, r.hi)
}
