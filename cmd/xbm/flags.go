package main

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/backbone"
	"crossbatch/trainer/run"
	"crossbatch/trainer/setting"
)

// flagsOf are the flags of settings, whose values are their defaults.
func flagsOf(list []setting.Setting) (flags []cli.Flag) {
	for _, s := range list {
		if s.Key == "backbone" { // the trainer knows no networks
			s.Help += strings.Join(backbone.Kinds(), ", ")
		}
		flags = append(flags, flagOf(s))
	}
	return flags
}

func flagOf(s setting.Setting) cli.Flag {
	switch v := s.Value.(type) {
	case *string:
		return &cli.StringFlag{Category: s.Group, Name: s.Key, Value: *v, Usage: s.Help}
	case *int:
		return &cli.IntFlag{Category: s.Group, Name: s.Key, Value: *v, Usage: s.Help}
	case *int64:
		return &cli.Int64Flag{Category: s.Group, Name: s.Key, Value: *v, Usage: s.Help}
	case *uint64:
		return &cli.Uint64Flag{Category: s.Group, Name: s.Key, Value: *v, Usage: s.Help}
	case *float64:
		return &cli.Float64Flag{Category: s.Group, Name: s.Key, Value: *v, Usage: s.Help}
	case *bool:
		return &cli.BoolFlag{Category: s.Group, Name: s.Key, Value: *v, Usage: s.Help}
	}
	return &cli.GenericFlag{Category: s.Group, Name: s.Key, Value: textValue{s}, Usage: s.Help}
}

// apply sets the settings whose flags were given.
func apply(c *cli.Context, list []setting.Setting) {
	for _, s := range list {
		if !c.IsSet(s.Key) {
			continue
		}
		if text, ok := c.Generic(s.Key).(textValue); ok {
			_ = textValue{s}.Set(text.String()) // the flag has refused what it could not read
			continue
		}
		reflect.ValueOf(s.Value).Elem().Set(reflect.ValueOf(c.Value(s.Key)))
	}
}

// textValue is a setting whose value reads and writes itself.
type textValue struct{ setting.Setting }

// Set implements cli.Generic.
func (v textValue) Set(text string) error {
	return v.Value.(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
}

// String implements cli.Generic.
func (v textValue) String() string {
	if v.Value == nil {
		return ""
	}
	return fmt.Sprint(v.Get())
}

// some are the settings of these keys.
func some(s *run.Settings, keys ...string) []setting.Setting {
	return slices.DeleteFunc(s.List(), func(row setting.Setting) bool { return !slices.Contains(keys, row.Key) })
}

// without are the settings but those of these keys.
func without(list []setting.Setting, keys ...string) []setting.Setting {
	return slices.DeleteFunc(list, func(row setting.Setting) bool { return slices.Contains(keys, row.Key) })
}

// usual are the settings of these keys with their defaults.
func usual(keys ...string) []setting.Setting {
	s := run.DefaultSettings()
	return some(&s, keys...)
}

// ofData are the settings of data that is named otherwise than by --data.
func ofData(s *run.Settings) []setting.Setting {
	return slices.DeleteFunc(s.List(), func(row setting.Setting) bool { return row.Group != "Data" || row.Key == "data" })
}
