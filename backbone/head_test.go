package backbone

import (
	"math"
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
		`unknown head: "cosine": choose linear, mlp or none`: func(c *Config) { c.Head = "cosine" },
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

// The features are what the head maps to the embedding, by the same parameters.
func TestWithoutHead(t *testing.T) {
	for _, cfg := range []Config{
		{Kind: Conv4, Channels: 1, Height: 16, Width: 33, Filters: 3, Dim: 5, Dropout: 0.5},
		{Kind: Linear, Channels: 2, Height: 3, Width: 2, Dim: 5},
		{Kind: MLP, Channels: 2, Height: 3, Width: 2, Filters: 9, Dim: 5, LayerNorm: true},
		{Kind: ResNet18, Channels: 1, Height: 8, Width: 8, Filters: 1, Dim: 5},
		{Kind: ResNet50, Channels: 1, Height: 8, Width: 8, Filters: 1, Dim: 5},
	} {
		n, images := randomNet(t, cfg, 3)
		var weight []float32
		n.State(func(name string, _ []int, value, _ []float32) {
			if n.Head(name) && strings.HasSuffix(name, ".weight") && weight == nil {
				weight = value
			}
		})
		check := func() {
			t.Helper()
			f := n.WithoutHead()
			features, emb := make([]float32, 3*f.Dim()), make([]float32, 3*5)
			if err := f.Embed(features, images); err != nil {
				t.Fatal(err)
			}
			if err := n.Embed(emb, images); err != nil {
				t.Fatal(err)
			}
			for i := range 3 {
				mapped := make([]float64, 5) // biases are 0 at first
				for o := range mapped {
					for k, v := range features[i*f.Dim() : (i+1)*f.Dim()] {
						mapped[o] += float64(weight[o*f.Dim()+k]) * float64(v)
					}
				}
				if cfg.LayerNorm {
					var mean, variance float64
					for _, v := range mapped {
						mean += v / 5
					}
					for _, v := range mapped {
						variance += (v - mean) * (v - mean) / 5
					}
					for o := range mapped {
						mapped[o] = (mapped[o] - mean) / math.Sqrt(variance)
					}
				}
				length := norm(mapped)
				for o := range mapped {
					mapped[o] /= length
				}
				if d := apart(emb[i*5:(i+1)*5], mapped, 1); d > 1e-5 {
					t.Errorf("%s: the head makes of the features an embedding that is off by %g", cfg.Kind, d)
				}
			}
			f.State(func(name string, _ []int, _, _ []float32) {
				if n.Head(name) {
					t.Errorf("%s: %s is of the head", cfg.Kind, name)
				}
			})
		}
		check()
		n.State(func(name string, _ []int, value, _ []float32) {
			for i := range value {
				if !n.Head(name) {
					value[i] *= 1.5
				}
			}
		})
		check()
	}
}
