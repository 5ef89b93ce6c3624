package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/backbone"
	"crossbatch/trainer/run"
	"crossbatch/trainer/setting"
	"crossbatch/trainer/setting/flags"
)

// flagsOf are the flags of settings, whose values are their defaults.
func flagsOf(list []setting.Setting) []cli.Flag {
	for i, s := range list {
		if s.Key == "backbone" { // the trainer knows no networks
			s.Help += strings.Join(backbone.Kinds(), ", ")
		}
		list[i] = s
	}
	return flags.Of(list)
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
