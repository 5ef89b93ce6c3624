package main

import (
	"reflect"
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
	for _, row := range s.list()[len(s.Settings()):] {
		if row.Scope != setting.Machine {
			t.Errorf("%s stands among what makes no difference to the numbers", row.Key)
		}
	}
}

// No setting of a network is forgotten on the way to the network.
func TestEverySettingOfANetworkReachesIt(t *testing.T) {
	for name, change := range map[string]func(*trainer.Config){
		"seed":  func(c *trainer.Config) { c.Seed = 1 },
		"chunk": func(c *trainer.Config) { c.Batch.Chunk = 1 },
	} {
		var c trainer.Config
		if change(&c); networkOf(c, 1, 2, 3) == networkOf(trainer.Config{}, 1, 2, 3) {
			t.Errorf("%s does not reach the network", name)
		}
	}
	for i := range reflect.TypeFor[trainer.NetworkConfig]().NumField() {
		var c trainer.Config
		field := reflect.ValueOf(&c.Network).Elem().Field(i)
		switch field.Kind() {
		case reflect.String:
			field.SetString("other")
		case reflect.Int:
			field.SetInt(7)
		case reflect.Float64:
			field.SetFloat(0.5)
		case reflect.Bool:
			field.SetBool(true)
		}
		name := reflect.TypeFor[trainer.NetworkConfig]().Field(i).Name
		if name != "Weights" && networkOf(c, 1, 2, 3) == networkOf(trainer.Config{}, 1, 2, 3) {
			t.Errorf("%s does not reach the network", name)
		}
	}
}

// The trainer names choices of a network that it does not know.
func TestChoicesAreTheNetworks(t *testing.T) {
	c := trainer.Default()
	for key, want := range map[string][]string{
		"freeze": {backbone.FreezeBatchNorm, backbone.FreezeTrunk},
		"head":   {backbone.HeadLinear, backbone.HeadMLP},
	} {
		if s, _ := setting.Find(c.Settings(), key); !slices.Equal(s.Range.Choices(), want) {
			t.Errorf("%s is one of %v, the network's are %v", key, s.Range.Choices(), want)
		}
	}
}
