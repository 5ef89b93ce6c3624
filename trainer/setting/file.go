package setting

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// File is what a YAML encoder writes for the settings: a mapping from key to value
// in their order, without the zero values that are not always written.
func File(list []Setting) any { return file(list).Elem().Interface() }

// Read sets the settings that a file has and leaves the others as they are. decode
// is what a yaml.Unmarshaler is given; a key that no setting has is an error where the
// decoder says so. After an error some settings may be set.
func Read(list []Setting, decode func(any) error) error {
	f := file(list)
	err := decode(f.Interface())
	for i, s := range list {
		s.value().Set(f.Elem().Field(i))
	}
	var wrong *yaml.TypeError
	if errors.As(err, &wrong) {
		for i, line := range wrong.Errors { // "field x not found in type struct {…}"
			wrong.Errors[i], _, _ = strings.Cut(line, " in type struct {")
		}
	}
	return err
}

// file is a pointer to a struct with a field a setting and its value: package yaml
// then treats the keys as it treats those of any struct.
func file(list []Setting) reflect.Value {
	fields := make([]reflect.StructField, len(list))
	for i, s := range list {
		tag := s.Key
		if !s.Always {
			tag += ",omitempty"
		}
		fields[i] = reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: s.value().Type(), Tag: reflect.StructTag(fmt.Sprintf("yaml:%q", tag))}
	}
	f := reflect.New(reflect.StructOf(fields))
	for i, s := range list {
		f.Elem().Field(i).Set(s.value())
	}
	return f
}

// Set sets the value as the line "key: text" of a file would.
func (s Setting) Set(text string) error {
	// A scalar without a tag is a number, a word or a yes as it looks.
	node := yaml.Node{Kind: yaml.ScalarNode, Value: text, Line: 1}
	return node.Decode(s.Value)
}
