package setting

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// Range is which values a setting takes. The zero value is no range: a setting must
// have one. The ranges of package xbm/spec, for parameters within a text, are of floats
// alone and know no units, notes or choices; that package depends on nothing.
type Range struct {
	kind    kind
	least   float64
	most    float64
	choices []string
	form    string
	note    string
}

type kind int

const (
	none kind = iota
	anyValue
	atLeast
	above
	between
	under
	oneOf
	form
)

// Any takes every value of the type: a switch, a seed.
func Any() Range { return Range{kind: anyValue} }

// AtLeast takes numbers from least on.
func AtLeast(least float64) Range { return Range{kind: atLeast, least: least} }

// Above takes numbers greater than least.
func Above(least float64) Range { return Range{kind: above, least: least} }

// Between takes numbers from least to most, both included.
func Between(least, most float64) Range { return Range{kind: between, least: least, most: most} }

// Under takes numbers from least up to, not including, most.
func Under(least, most float64) Range { return Range{kind: under, least: least, most: most} }

// OneOf takes one of the texts, and the empty text unless the setting is always
// written.
func OneOf(choices ...string) Range { return Range{kind: oneOf, choices: choices} }

// Form takes text in the form that is described. Whoever reads the text checks it.
func Form(description string) Range { return Range{kind: form, form: description} }

// Note adds to the error what the least value means, or what to do instead.
func (r Range) Note(note string) Range {
	r.note = note
	return r
}

// IsGiven tells whether r is a range.
func (r Range) IsGiven() bool { return r.kind != none }

// Choices are the texts of OneOf, nil for other ranges.
func (r Range) Choices() []string { return r.choices }

// Bounds are the least and the most of a range of numbers, infinite where there is
// none. They do not say whether the bound itself is in the range.
func (r Range) Bounds() (least, most float64) {
	least, most = math.Inf(-1), math.Inf(1)
	switch r.kind {
	case between, under:
		return r.least, r.most
	case atLeast, above:
		return r.least, most
	}
	return least, most
}

// String says which values there are, as an error does.
func (r Range) String() string { return r.words("value") }

func (r Range) words(unit string) string {
	note := ""
	if r.note != "" {
		note = " (" + r.note + ")"
	}
	noun := "a value"
	if unit == "share" {
		noun = "a share"
	}
	switch r.kind {
	case atLeast:
		return fmt.Sprintf("%g%s or more", r.least, note)
	case above:
		return fmt.Sprintf("%s above %g%s", noun, r.least, note)
	case between:
		return fmt.Sprintf("%s from %g%s to %g", noun, r.least, note, r.most)
	case under:
		return fmt.Sprintf("%s from %g%s up to, not including, %g", noun, r.least, note, r.most)
	case oneOf:
		return "one of " + strings.Join(r.choices, ", ")
	case form:
		return r.form
	}
	return "any"
}

func (r Range) bounded() bool {
	return r.kind == atLeast || r.kind == above || r.kind == between || r.kind == under
}

// check returns an error that goes on after "KEY is ".
func (r Range) check(value any, unit string, always bool) error {
	v := reflect.ValueOf(value)
	switch {
	case r.bounded():
		if x := number(v); !r.holds(x) {
			return fmt.Errorf("%v: give %s", value, r.words(unit))
		}
	case r.kind == oneOf:
		if text := v.String(); !slices.Contains(r.choices, text) && (text != "" || always) {
			return fmt.Errorf("%q: give %s", text, r.words(unit))
		}
	}
	return nil
}

// holds tells whether x, which may be NaN, is in a range of numbers.
func (r Range) holds(x float64) bool {
	least, most := r.Bounds()
	switch {
	case r.kind == above && x == least, r.kind == under && x == most, math.IsInf(x, 0):
		return false
	}
	return x >= least && x <= most
}

func number(v reflect.Value) float64 {
	switch {
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	}
	return v.Float()
}
