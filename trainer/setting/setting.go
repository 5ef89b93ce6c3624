// Package setting declares the settings of a program, each once: a row binds a
// field of a configuration to its key, and says what it means, in which unit, which
// values it takes, and what depends on it. Flags, the configuration file, checks,
// comparisons and the keys of a study are made from the rows.
//
// Rows bind by pointer, as package flag does, so that the compiler checks them.
// Struct tags, which kong and go-playground/validator read, are literals: they cannot
// hold lists that other packages know, and long help texts are unreadable in them.
// The altsrc package of cli/v2 reads files into flags, but a Go program that has no
// flags needs the same checks.
package setting

import (
	"fmt"
	"reflect"
	"slices"
)

// Setting is one setting, bound to where its value is. The zero values of the
// optional fields are right for most new settings.
type Setting struct {
	Key   string // in a configuration file, and the name of the flag: label-noise
	Value any    // *string, *bool, *int, *int64, *uint64, *float64 or another encoding.TextUnmarshaler
	Group string // heading of its flag
	Help  string // in a few words; the flag's value is named in backquotes: "`STEPS` between looks"
	Unit  string // of a number: "steps", "share"
	Range Range  // which values it takes

	Scope Scope // what depends on it
	// Fitted says that the value may be fitted to each cell of a study, as a learning
	// rate is, without making it another method.
	Fitted bool
	// Changeable says that a training may go on with another value.
	Changeable bool
	// Always writes the setting to a configuration file even if its value is zero.
	Always bool
}

// Scope is what depends on a setting.
type Scope int

// The scopes, each within the one before.
const (
	Everything Scope = iota // the data, the network, and every score, also of what is not trained
	Training                // what training makes of a network
	Watching                // only what is recorded on the way, no score
	Machine                 // no number at all: threads, folders, files
)

// Find returns the setting of a key.
func Find(list []Setting, key string) (s Setting, found bool) {
	i := slices.IndexFunc(list, func(s Setting) bool { return s.Key == key })
	if i < 0 {
		return s, false
	}
	return list[i], true
}

// Keys are the keys of the settings that are wanted; of all where wanted is nil.
func Keys(list []Setting, wanted func(Setting) bool) (keys []string) {
	for _, s := range list {
		if wanted == nil || wanted(s) {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

// Get is the value, not a pointer to it.
func (s Setting) Get() any { return s.value().Interface() }

// IsZero tells whether the value is the zero value of its type.
func (s Setting) IsZero() bool { return s.value().IsZero() }

// Clear sets the value to zero.
func (s Setting) Clear() { s.value().SetZero() }

// IsWhole tells whether the value is an integer.
func (s Setting) IsWhole() bool {
	k := s.value().Kind()
	return k >= reflect.Int && k <= reflect.Uint64
}

// IsNumber tells whether the value is an integer or a float.
func (s Setting) IsNumber() bool { return s.IsWhole() || s.value().Kind() == reflect.Float64 }

func (s Setting) isText() bool { return s.value().Kind() == reflect.String }

// Validate returns an error that names the key if the value is out of range.
func (s Setting) Validate() error {
	if err := s.Range.check(s.Get(), s.Unit, s.Always); err != nil {
		return fmt.Errorf("%s is %w", s.Key, err)
	}
	return nil
}

// Validate returns an error that names the first setting out of its range.
func Validate(list []Setting) error {
	for _, s := range list {
		if err := s.Validate(); err != nil {
			return err
		}
	}
	return nil
}

func (s Setting) value() reflect.Value { return reflect.ValueOf(s.Value).Elem() }
