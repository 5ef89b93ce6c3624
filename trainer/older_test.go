package trainer

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
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
