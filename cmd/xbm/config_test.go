package main

import (
	"slices"
	"testing"

	"crossbatch/backbone"
	"crossbatch/trainer"
	"crossbatch/trainer/setting"
)

// The trainer names choices of a network that it does not know.
func TestChoicesAreTheNetworks(t *testing.T) {
	c := trainer.Default()
	for key, want := range map[string][]string{
		"freeze": {backbone.FreezeBatchNorm, backbone.FreezeTrunk},
		"head":   {backbone.HeadLinear, backbone.HeadMLP, backbone.HeadNone},
	} {
		if s, _ := setting.Find(c.Settings(), key); !slices.Equal(s.Range.Choices(), want) {
			t.Errorf("%s is one of %v, the network's are %v", key, s.Range.Choices(), want)
		}
	}
}
