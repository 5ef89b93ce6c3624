package main

import (
	"slices"
	"testing"

	"crossbatch/backbone"
	"crossbatch/trainer"
	"crossbatch/trainer/setting"
)

func TestSettingsAreComplete(t *testing.T) {
	s := defaults()
	for _, err := range setting.Incomplete(s.list()) {
		t.Error(err)
	}
	for _, row := range s.list()[len(s.Config.Settings()):] {
		if row.Scope != setting.Machine {
			t.Errorf("%s stands among what makes no difference to the numbers", row.Key)
		}
	}
}

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
