package backbone

import (
	"strings"
	"testing"
)

func TestConfigErrors(t *testing.T) {
	image := Config{Kind: Conv4, Channels: 3, Height: 16, Width: 16}
	for _, test := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"kind", func(c *Config) { c.Kind = "resnet" }, `unknown network: "resnet": choose one of bninception, conv4, `},
		{"no kind", func(c *Config) { c.Kind = "" }, "choose one of bninception, conv4, "},
		{"no channels", func(c *Config) { c.Channels = 0 }, "Channels 0"},
		{"no height", func(c *Config) { c.Height = 0 }, "Height 0"},
		{"negative width", func(c *Config) { c.Width = -1 }, "Width -1"},
		{"negative filters", func(c *Config) { c.Filters = -1 }, "Filters -1"},
		{"dim", func(c *Config) { c.Dim = maxSize + 1 }, "Dim 65537"},
		{"low image", func(c *Config) { c.Height = 15 }, "15×16: give at least 16×16"},
		{"narrow image", func(c *Config) { c.Width = 15 }, "16×15: give at least 16×16"},
		{"odd image", func(c *Config) { c.Kind, c.Height, c.Width = BNInception, 64, 48 }, "64×48 do not fit bninception: give multiples of 32"},
		{"large network", func(c *Config) { c.Filters = maxSize }, "too large"},
		{"large mlp", func(c *Config) { c.Kind, c.Height, c.Width = MLP, maxSize, maxSize }, "too large"},
		{"large images", func(c *Config) { c.Height, c.Width = maxSize, maxSize }, "too large"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := image
			test.change(&cfg)
			n, err := New(cfg)
			if n != nil || err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "backbone: ") {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestConfigDefaults(t *testing.T) {
	for _, test := range []struct {
		cfg        Config
		parameters int
	}{
		{Config{Kind: Conv4, Channels: 1, Height: 16, Width: 31}, 64*9 + 3*64*64*9 + 4*2*64 + 64*128 + 128},
		{Config{Kind: MLP, Channels: 2, Height: 3, Width: 5}, 30*512 + 512 + 512*128 + 128},
		{Config{Kind: Conv4, Channels: 1, Height: 16, Width: 16, Filters: 2, Dim: 3, NoBatchNorm: true}, 2*9 + 2 + 3*(4*9+2) + 6 + 3},
	} {
		n, err := New(test.cfg)
		if err != nil {
			t.Fatal(err)
		}
		if n.Parameters() != test.parameters {
			t.Errorf("%+v: %d parameters, want %d", test.cfg, n.Parameters(), test.parameters)
		}
		if want := max(test.cfg.Dim, 128*(1-min(test.cfg.Dim, 1))); n.Dim() != want {
			t.Errorf("%+v: dimension %d, want %d", test.cfg, n.Dim(), want)
		}
	}
}
