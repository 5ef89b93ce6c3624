package trainer

import (
	"strings"
	"testing"

	"crossbatch/xbm/loss"
	"crossbatch/xbm/pair"
)

func TestMemoryRows(t *testing.T) {
	for text, want := range map[string]int{
		"0": 0, "1": 1, "2048": 2048, "100%": 1000, "1.0": 1000, "50%": 500, "0.5": 500, "0%": 0, "0.0": 0,
		"0.01%": 1, "12.5%": 125, "200%": 2000,
		"-1": -1, "-0.5": -1, "-10%": -1, "": -1, "%": -1, "all": -1, "NaN": -1, "Inf": -1, "1e9%": -1, "99999999999999999999": -1,
	} {
		got, err := Config{Memory: MemoryConfig{Size: text}}.MemoryRows(1000)
		if (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("%q of 1000 images: %d rows (%v), want %d", text, got, err, want)
		}
	}
}

// Rows of one image are positives where they are views of it: not where a small class
// gives an image twice.
func TestViewsArePositives(t *testing.T) {
	for views, want := range map[int]bool{0: false, 1: false, 2: true} {
		r, _ := barsRun(t)
		r.Config.Batch.Views = views
		training, err := Prepare(r)
		if err != nil {
			t.Fatal(err)
		}
		if got := training.terms.inBatch.Views; got != want {
			t.Errorf("%d views: %v", views, got)
		}
	}
}

// The losses of the two terms, by how batch and memory go together.
func TestTermsReduceAsTheyAreTold(t *testing.T) {
	of := func(change func(*Config)) (batch, memory loss.Reduction) {
		c := Default()
		change(&c)
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		reduction := func(term int) loss.Reduction {
			l, err := Own{}.loss(c, term)
			if err != nil {
				t.Fatal(err)
			}
			if m, ok := l.(*pair.Mined); ok {
				l = m.Loss
			}
			return l.(*loss.Contrastive).Reduction
		}
		return reduction(batchTerm), reduction(memoryTerm)
	}
	for name, c := range map[string]struct {
		change        func(*Config)
		batch, memory loss.Reduction
	}{
		"both":             {func(*Config) {}, loss.Usual, loss.Usual},
		"paper":            {func(c *Config) { c.Memory.Combine = Paper }, loss.OverAnchors, loss.OverAnchors},
		"paper, mined":     {func(c *Config) { c.Memory.Combine, c.Loss.Miner = Paper, "multi-similarity" }, loss.OverAnchors, loss.OverAnchors},
		"paper, its own":   {func(c *Config) { c.Memory.Combine, c.Loss.Spec = Paper, "contrastive:reduction=active" }, loss.OverActive, loss.OverActive},
		"of memory apart":  {func(c *Config) { c.Loss.Memory = "contrastive:reduction=sum" }, loss.Usual, loss.Sum},
		"of memory, paper": {func(c *Config) { c.Memory.Combine, c.Loss.Memory = Paper, "contrastive:reduction=sum" }, loss.OverAnchors, loss.Sum},
	} {
		if batch, memory := of(c.change); batch != c.batch || memory != c.memory {
			t.Errorf("%s: %q and %q, want %q and %q", name, batch, memory, c.batch, c.memory)
		}
	}
}

func TestTermSettingsAreRefused(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"combine is pml, where the batch is part of the memory, and enqueue last": func(c *Config) { c.Memory.Combine, c.Memory.Enqueue = PML, EnqueueLast },
		"memory-positive-weight and memory-negative-weight are both 0":            func(c *Config) { c.Memory.Positive, c.Memory.Negative = "0", "0" },
		`memory-negative-weight is "-1": give a number of 0 or more`:              func(c *Config) { c.Memory.Negative = "-1" },
		`memory-positive-weight is "much": give a number of 0 or more`:            func(c *Config) { c.Memory.Positive = "much" },
		`memory-loss is "arcface", which has weights for the classes`:             func(c *Config) { c.Loss.Memory = "arcface" },
		`memory-loss is "own:x": a loss of the program's own is for both terms`:   func(c *Config) { c.Loss.Memory = "own:x" },
		`loss "x": there is no such loss`:                                         func(c *Config) { c.Loss.Memory = "x" },
		`loss is "triplet:swap=true"`:                                             func(c *Config) { c.Loss.Memory = "triplet:swap=true" },
		`enqueue is "never": give one of first, last`:                             func(c *Config) { c.Memory.Enqueue = "never" },
	} {
		c := Default()
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	c := Default()
	c.Loss.Spec, c.Loss.Memory = "triplet:swap=true", "triplet"
	if err := c.Validate(); err != nil {
		t.Errorf("swap within the batch alone: %v", err)
	}
}
