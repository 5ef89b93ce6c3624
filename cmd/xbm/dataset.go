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

// defaultWidth is the published one for the networks that are mostly used with
// published weights, and for the first ones, which had it before, that of conv4.
func defaultWidth(kind string, otherwise int) int {
	if slices.Contains([]string{backbone.Conv4, backbone.Linear, backbone.MLP, backbone.ResNet18, backbone.ResNet50}, kind) {
		return otherwise
	}
	return 0
}
