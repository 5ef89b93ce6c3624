package main

import (
	"slices"
	"strings"

	"crossbatch/backbone"
	"crossbatch/trainer/setting"
)

// ofData are the settings of data that is named otherwise than by --data.
func (s *settings) ofData() []setting.Setting {
	return slices.DeleteFunc(s.list(), func(row setting.Setting) bool { return row.Group != "Data" || row.Key == "data" })
}

// defaultNetwork is linear for the features of another model, which have no rows and columns.
func defaultNetwork(spec, otherwise string) string {
	if strings.HasPrefix(spec, "features:") {
		return backbone.Linear
	}
	return otherwise
}
