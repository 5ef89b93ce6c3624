// Package spec reads texts that name a thing and set its parameters, as in
//
//	contrastive:distance=euclidean,neg_margin=0.8
//
// Losses, miners, policies and cures of drift are given so on a command line and in
// a configuration. A [Table] lists what may be named; a [Field] is a parameter with
// its range. All errors have one form: what kind of thing, the text, what is wrong
// with it, and what to give instead.
//
//	loss "contrastive:neg_margin=2": neg_margin is 2: give a value from -1 to 1
package spec

import (
	"fmt"
	"slices"
	"strings"
)

// Table is what texts of one kind can name.
type Table[T any] struct {
	Kind    string // what its entries are, for errors: "loss"
	Entries []Entry[T]
}

// Entry is a thing that a text can name.
type Entry[T any] struct {
	Name string
	// Variants are the values of the parameter Variant, the first by default. They
	// decide on the defaults of the other parameters. Nil: there is no such parameter.
	Variants []string
	// New returns the thing with its defaults, and its other parameters. variant is ""
	// where there are no Variants.
	New func(variant string) (T, []Field)
	// Bare is the parameter that a value without a key sets, as 16 in
	// "class-balanced:16". Default (""): none.
	Bare string
}

// Variant is the parameter that chooses among the variants of an entry.
const Variant = "distance"

// Names lists the entries in the form that Parse reads, with their parameters and
// defaults, one for each variant.
func (t Table[T]) Names() (list []string) {
	for _, e := range t.Entries {
		variants := e.Variants
		if variants == nil {
			variants = []string{""}
		}
		for _, v := range variants {
			_, fields := e.New(v)
			var texts []string
			if v != "" {
				texts = append(texts, Variant+"="+v)
			}
			list = append(list, Text(e.Name, append(texts, Texts(fields)...)...))
		}
	}
	return list
}

// Text is a name with parameters in the form that Parse reads.
func Text(name string, parameters ...string) string {
	if len(parameters) == 0 {
		return name
	}
	return name + ":" + strings.Join(parameters, ",")
}

// Parse returns the thing that a text names: its name, then, after a colon,
// parameters that differ from their defaults. Unknown names and parameters, and
// values out of their range, are refused with what is known. Where the thing has a
// method Validate, that has the last word.
func (t Table[T]) Parse(text string) (T, error) {
	built, err := t.parse(text)
	if err != nil {
		var none T
		return none, err
	}
	return built, nil
}

func (t Table[T]) parse(text string) (built T, err error) {
	refuse := func(err error) (T, error) { return built, fmt.Errorf("%s %q: %w", t.Kind, text, err) }
	name, list, _ := strings.Cut(text, ":")
	at := slices.IndexFunc(t.Entries, func(e Entry[T]) bool { return e.Name == name })
	if at < 0 {
		var known []string
		for _, e := range t.Entries {
			known = append(known, e.Name)
		}
		return refuse(fmt.Errorf("there is no such %s: known are %s", t.Kind, strings.Join(known, ", ")))
	}
	e := t.Entries[at]
	given, err := parameters(list, e.Bare)
	if err != nil {
		return refuse(err)
	}
	variant, given, err := e.variant(given)
	if err != nil {
		return refuse(err)
	}
	built, fields := e.New(variant)
	for _, g := range given {
		k := slices.IndexFunc(fields, func(f Field) bool { return f.Key == g.key })
		if k < 0 {
			return refuse(e.unknown(g.key, fields))
		}
		if err := fields[k].set(g.value); err != nil {
			return refuse(err)
		}
	}
	for _, f := range fields {
		if err := f.check(); err != nil {
			return refuse(err)
		}
	}
	if v, ok := any(built).(interface{ Validate() error }); ok {
		return built, v.Validate()
	}
	return built, nil
}

// variant takes the choice of a variant out of what was given.
func (e Entry[T]) variant(given []setting) (string, []setting, error) {
	if e.Variants == nil {
		return "", given, nil
	}
	at := slices.IndexFunc(given, func(g setting) bool { return g.key == Variant })
	if at < 0 {
		return e.Variants[0], given, nil
	}
	v := given[at].value
	if !slices.Contains(e.Variants, v) {
		return "", nil, fmt.Errorf("%s is %q: give one of %s", Variant, v, strings.Join(e.Variants, ", "))
	}
	return v, slices.Delete(given, at, at+1), nil
}

func (e Entry[T]) unknown(key string, fields []Field) error {
	var known []string
	if e.Variants != nil {
		known = append(known, Variant)
	}
	for _, f := range fields {
		known = append(known, f.Key)
	}
	if known == nil {
		return fmt.Errorf("there is no parameter %s: it has none", key)
	}
	return fmt.Errorf("there is no parameter %s: known are %s", key, strings.Join(known, ", "))
}

type setting struct{ key, value string }

// parameters takes a list apart: name=value,name=value. A value alone is of the key
// bare, where there is one.
func parameters(list, bare string) (given []setting, err error) {
	for item := range strings.SplitSeq(list, ",") {
		if item == "" {
			continue
		}
		key, value, found := strings.Cut(item, "=")
		if !found && bare != "" {
			key, value, found = bare, item, true
		}
		if !found || value == "" {
			return nil, fmt.Errorf("%q is no parameter: write name=value", item)
		}
		if slices.ContainsFunc(given, func(g setting) bool { return g.key == key }) {
			return nil, fmt.Errorf("parameter %s is given twice", key)
		}
		given = append(given, setting{key, value})
	}
	return given, nil
}
