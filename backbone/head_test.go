package backbone

import (
	"strings"
	"testing"
)

// The MLP is what learns anew in another task, keeps the trunk's draws as they
// were, and has as many hidden units as asked for, or as there are features.
func TestMLPHead(t *testing.T) {
	for _, test := range []struct {
		cfg        Config
		parameters int // of the head
	}{
		{Config{Kind: Conv4, Channels: 1, Height: 16, Width: 33, Filters: 3, Dim: 5}, 6*6 + 6 + 6*5 + 5},
		{Config{Kind: Conv4, Channels: 1, Height: 16, Width: 16, Filters: 3, Dim: 5, HeadWidth: 7, Dropout: 0.5}, 3*7 + 7 + 7*5 + 5},
		{Config{Kind: Linear, Channels: 2, Height: 3, Width: 2, Dim: 5}, 12*12 + 12 + 12*5 + 5},
		{Config{Kind: MLP, Channels: 2, Height: 3, Width: 2, Filters: 9, Dim: 5}, 9*9 + 9 + 9*5 + 5},
		{Config{Kind: ResNet18, Channels: 1, Height: 8, Width: 8, Filters: 1, Dim: 5}, 8*8 + 8 + 8*5 + 5},
		{Config{Kind: ResNet50, Channels: 1, Height: 8, Width: 8, Filters: 1, Dim: 5}, 32*32 + 32 + 32*5 + 5},
	} {
		plain, _ := randomNet(t, test.cfg, 1)
		test.cfg.Head = HeadMLP
		n, images := randomNet(t, test.cfg, 3)
		before, head := values(plain), 0
		for name, value := range values(n) {
			switch {
			case n.Head(name) && !strings.HasPrefix(name, "dropout"):
				head += len(value)
			case !n.Head(name) && !sameBits(value, before[name]):
				t.Errorf("%s: %s is drawn otherwise", test.cfg.Kind, name)
			}
		}
		if head != test.parameters {
			t.Errorf("%s: the head has %d parameters, want %d", test.cfg.Kind, head, test.parameters)
		}
		if err := n.Train(images, whole); err != nil {
			t.Fatal(err)
		}
		n.State(func(name string, _ []int, _, grad []float32) {
			if n.Head(name) && grad != nil && norm(grad) == 0 {
				t.Errorf("%s: %s has no gradient", test.cfg.Kind, name)
			}
		})
	}
}

func TestBadHeads(t *testing.T) {
	for want, change := range map[string]func(*Config){
		`unknown head: "cosine": choose linear or mlp`: func(c *Config) { c.Head = "cosine" },
		"HeadWidth -1":      func(c *Config) { c.HeadWidth = -1 },
		"Chunk -1":          func(c *Config) { c.Chunk = -1 },
		"network too large": func(c *Config) { c.Head, c.Height, c.Width = HeadMLP, 1024, 2048 },
	} {
		c := Config{Kind: Conv4, Channels: 1, Height: 16, Width: 16}
		change(&c)
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q", err, want)
		}
	}
}
