package trainer

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"crossbatch/xbm/loss"
	"crossbatch/xbm/pair"
)

// A file that says combine: paper and nothing of enqueue is of an older version, where
// that was Both; one that means the paper's way says so.
func TestOlderFilesKeepTheirMeaning(t *testing.T) {
	for text, want := range map[string]MemoryConfig{
		"combine: paper":                  {Combine: Both},
		"combine: pml":                    {Combine: PML},
		"combine: both":                   {Combine: Both},
		"combine: paper\nenqueue: first":  {Combine: Paper, Enqueue: EnqueueFirst},
		"combine: paper\nenqueue: last":   {Combine: Paper, Enqueue: EnqueueLast},
		"enqueue: first":                  {Combine: Both, Enqueue: EnqueueFirst},
		"steps: 7":                        {Combine: Both},
		"combine: paper\nenqueue: \"\"\n": {Combine: Both},
	} {
		c := Default()
		if err := yaml.Unmarshal([]byte(text), &c); err != nil {
			t.Fatal(err)
		}
		if c.Memory.Combine != want.Combine || c.Memory.Enqueue != want.Enqueue {
			t.Errorf("%q: combine %s, enqueue %q, want %s and %q", text, c.Memory.Combine, c.Memory.Enqueue, want.Combine, want.Enqueue)
		}
	}
	// What a file leaves open stays as it was.
	c := Default()
	c.Memory.Combine, c.Memory.Enqueue = Paper, EnqueueLast
	if err := yaml.Unmarshal([]byte("steps: 7"), &c); err != nil || c.Memory.Combine != Paper || c.Memory.Enqueue != EnqueueLast {
		t.Errorf("%+v, %v", c.Memory, err)
	}
}

// What is written of each way is read as it was meant.
func TestEveryCombinationComesBack(t *testing.T) {
	for _, combine := range []string{Both, Paper, PML} {
		c := Default()
		c.Memory.Combine = combine
		text, err := yaml.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		again := Default()
		if err := yaml.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		if again != c.Explicit() || again.Memory.enqueue() != c.Memory.enqueue() {
			t.Errorf("%s comes back as %+v", combine, again.Memory)
		}
		if combine != Paper && strings.Contains(string(text), "enqueue") {
			t.Errorf("%s: a setting that is not set is written", combine)
		}
	}
}

// A checkpoint of an older version goes on as Both, and as nothing else.
func TestOlderCheckpointsKeepTheirMeaning(t *testing.T) {
	both, paper := Default(), Default()
	paper.Memory.Combine = Paper
	state := func(c Config) []byte {
		b, err := (&savedConfig{&c}).AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	older := []byte(strings.Replace(string(state(both)), `"both"`, `"paper"`, 1))
	for _, c := range []struct {
		name   string
		config Config
		state  []byte
		fits   bool
	}{
		{"older, both", both, older, true}, {"older, paper", paper, older, false},
		{"both, both", both, state(both), true}, {"paper, paper", paper, state(paper), true}, {"paper, both", both, state(paper), false},
	} {
		if err := (&savedConfig{&c.config}).UnmarshalBinary(c.state); (err == nil) != c.fits {
			t.Errorf("%s: %v", c.name, err)
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
