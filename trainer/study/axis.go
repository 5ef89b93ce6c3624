package study

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Axis is one setting that varies over a grid. Key and Values are as in a configuration file.
type Axis struct {
	Key    string   `yaml:"key"`
	Values []string `yaml:"values,flow"`
}

// ParseAxis reads an axis from NAME=VALUE,VALUE,….
func ParseAxis(text string) (Axis, error) {
	key, values, ok := strings.Cut(text, "=")
	if !ok || key == "" {
		return Axis{}, fmt.Errorf("study: axis %q: write it NAME=VALUE,VALUE,…", text)
	}
	return Axis{key, ParseList(values)}, nil
}

// ParseList splits a list at its commas, except those between the parameters of one value: the
// list triplet:margin=0.1,swap=true,n-pairs has two values. A part with = before any colon
// belongs to the value before it.
func ParseList(text string) (values []string) {
	for word := range strings.SplitSeq(text, ",") {
		equals, colon := strings.Index(word, "="), strings.Index(word, ":")
		if len(values) > 0 && equals >= 0 && (colon < 0 || equals < colon) {
			values[len(values)-1] += "," + word
			continue
		}
		values = append(values, strings.TrimSpace(word))
	}
	return values
}

// validate returns an error where an axis has no values, or has one twice.
func validateAxes(axes []Axis) error {
	seen := map[string]bool{}
	for _, a := range axes {
		switch {
		case seen[a.Key]:
			return fmt.Errorf("study: %s is an axis of the grid twice: give all its values at once", a.Key)
		case a.Key == "seed":
			return errors.New("study: seed is no axis: give the number of seeds, and the first")
		case len(a.Values) == 0 || slices.Contains(a.Values, ""):
			return fmt.Errorf("study: the grid is empty: give at least one value of %s, and none that is empty", a.Key)
		}
		seen[a.Key] = true
		for i, v := range a.Values {
			if slices.Contains(a.Values[:i], v) {
				return fmt.Errorf("study: %s %s is in the grid twice: give each value once", a.Key, v)
			}
		}
	}
	return nil
}
