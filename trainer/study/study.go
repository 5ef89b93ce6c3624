package study

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"crossbatch/trainer"
)

// Study describes what a folder of runs is for, as File in that folder has it.
type Study struct {
	Kind  string    `yaml:"study"`           // ablation (a grid) or protocol
	Fixed []Setting `yaml:"fixed,omitempty"` // what the cells depend on besides
	Axes  []Axis    `yaml:"axes"`            // values may be added when the study is continued
	Count Count     `yaml:"count"`
	// Splits is the number of splits of the classes, which may be raised; 0: one.
	Splits int `yaml:"splits,omitempty"`

	Base trainer.Config `yaml:"base"`
	// Version is 2 if an axis has a value that meant something else before, see
	// [trainer.Config.TakeIn]; else 0.
	Version int `yaml:"version,omitempty"`
}

// Count is a number of repetitions. A study in a folder may be continued with a larger number.
type Count struct {
	Of     string `yaml:"of"`
	Number int    `yaml:"number"`
}

// ReadStudy reads a study from YAML. Settings that are missing in an older file have their
// defaults.
func ReadStudy(text []byte) (Study, error) {
	s := Study{Base: trainer.Default()}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&s); err != nil && !errors.Is(err, io.EOF) {
		return s, fmt.Errorf("study: %w", err)
	}
	if s.Kind == "" {
		return s, errors.New("study: it says not which study it is")
	}
	return s, nil
}

// Continues returns nil if s continues the study was: all cells of was are cells of s, with
// the same configurations. Only values of an axis and repetitions may be added. Otherwise the
// error names each difference.
func (s Study) Continues(was Study) error {
	var list []string
	differ := func(key, now, before string) {
		if now != before {
			list = append(list, fmt.Sprintf("%s is %s and was %s", key, now, before))
		}
	}
	differ("the study", s.Kind, was.Kind)
	if s.Kind == was.Kind {
		compare(differ, s.Fixed, was.Fixed)
		s.compareAxes(differ, was)
		if s.Version != was.Version && s.version() != 0 && was.version() != 0 {
			differ("what combine paper means", "the paper's way", trainer.Both)
		}
		if s.Count.Of == was.Count.Of && s.Count.Number < was.Count.Number {
			differ(s.Count.Of, fmt.Sprint(s.Count.Number), fmt.Sprint(was.Count.Number))
		}
		if max(1, s.Splits) < max(1, was.Splits) {
			differ("splits", fmt.Sprint(max(1, s.Splits)), fmt.Sprint(was.Splits))
		}
		compare(differ, values(s.Base), values(was.Base))
	}
	if len(list) == 0 {
		return nil
	}
	return errors.New(strings.Join(list, ", "))
}

// version is that of the meaning of the axes' values.
func (s Study) version() int {
	for _, a := range s.Axes {
		if a.Key == "combine" && slices.Contains(a.Values, trainer.Paper) {
			return 2
		}
	}
	return 0
}

// compareAxes finds no difference in an axis that has values added.
func (s Study) compareAxes(differ func(key, now, before string), was Study) {
	text := func(axes []Axis) (list []Setting) {
		for _, a := range axes {
			list = append(list, Setting{"axis " + a.Key, strings.Join(a.Values, ",")})
		}
		return list
	}
	now, before := text(s.Axes), text(was.Axes)
	for i, a := range s.Axes {
		j := slices.IndexFunc(was.Axes, func(b Axis) bool { return a.Key == b.Key })
		if j < 0 {
			continue
		}
		if !slices.ContainsFunc(was.Axes[j].Values, func(v string) bool { return !slices.Contains(a.Values, v) }) {
			before[j] = now[i]
		}
	}
	compare(differ, now, before)
}

// compare goes through the settings of either list.
func compare(differ func(key, now, before string), now, before []Setting) {
	value := func(list []Setting, key string) string {
		if i := slices.IndexFunc(list, func(s Setting) bool { return s.Key == key }); i >= 0 {
			return list[i].Value
		}
		return "not there"
	}
	for _, s := range now {
		differ(s.Key, s.Value, value(before, s.Key))
	}
	for _, s := range before {
		if value(now, s.Key) == "not there" {
			differ(s.Key, "not there", s.Value)
		}
	}
}

// values are the settings of a configuration, but those that a file leaves out.
func values(c trainer.Config) (list []Setting) {
	var node yaml.Node
	if err := node.Encode(c); err != nil {
		return nil // it is plain numbers and words
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		list = append(list, Setting{node.Content[i].Value, node.Content[i+1].Value})
	}
	return list
}
