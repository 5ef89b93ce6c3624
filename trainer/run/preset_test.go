package run

import (
	"strings"
	"testing"

	"crossbatch/backbone"
	"crossbatch/trainer"
)

// Each preset is a valid configuration, on another than the defaults, and a network that
// can be made of images of its size.
func TestPresets(t *testing.T) {
	for _, p := range presets() {
		s, err := Choose(trainer.Default(), func(s *Settings) error { return s.Preset(p.name) })
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(); err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
		for line := range strings.Lines(p.text) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			for _, row := range s.List() {
				if row.Key == key && value == "" {
					t.Errorf("%s: %s has no value", p.name, key)
				}
			}
		}
		size := max(s.Data.ImageSize.Height, 32)
		cfg := backbone.Config{Kind: s.Network.Kind, Channels: 3, Height: size, Width: size, Filters: s.Network.Width, Dim: s.Network.Dim, Freeze: s.Network.Freeze}
		if _, err := backbone.New(cfg); err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
	}
	var s Settings
	if err := s.Preset("paper"); err == nil || !strings.Contains(err.Error(), "xbm-paper") {
		t.Errorf("an unknown preset: %v", err)
	}
}
