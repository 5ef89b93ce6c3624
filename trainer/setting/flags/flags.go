// Package flags makes the flags of a command out of settings, for commands of
// urfave/cli, and takes them back: a program whose configuration declares its settings
// writes no flag by hand.
//
//	var c trainer.Config
//	command := &cli.Command{Flags: flags.Of(c.Settings()), Action: func(ctx *cli.Context) error {
//		flags.Apply(ctx, c.Settings())
//		…
//	}}
package flags

import (
	"encoding"
	"fmt"
	"reflect"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer/setting"
)

// Of are the flags of settings, by their keys. Their defaults are the values.
func Of(list []setting.Setting) (flags []cli.Flag) {
	for _, s := range list {
		flags = append(flags, of(s))
	}
	return flags
}

func of(s setting.Setting) cli.Flag {
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

// Apply sets the settings whose flags were given, and leaves the others. Nothing is
// validated but what a value refuses to read.
func Apply(c *cli.Context, list []setting.Setting) {
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
