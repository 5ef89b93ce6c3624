package main

import (
	"encoding"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/backbone"
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

// apply sets a setting to what its flag was given.
func apply(c *cli.Context, s setting.Setting) {
	switch v := s.Value.(type) {
	case *string:
		*v = c.String(s.Key)
	case *int:
		*v = c.Int(s.Key)
	case *int64:
		*v = c.Int64(s.Key)
	case *uint64:
		*v = c.Uint64(s.Key)
	case *float64:
		*v = c.Float64(s.Key)
	case *bool:
		*v = c.Bool(s.Key)
	default:
		// The flag has refused what it could not read.
		_ = textValue{s}.Set(c.Generic(s.Key).(textValue).String())
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
func (s *settings) some(keys ...string) []setting.Setting {
	return slices.DeleteFunc(s.list(), func(row setting.Setting) bool { return !slices.Contains(keys, row.Key) })
}

// usual are the settings of these keys with their defaults.
func usual(keys ...string) []setting.Setting {
	s := defaults()
	return s.some(keys...)
}
