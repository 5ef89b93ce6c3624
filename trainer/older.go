package trainer

import (
	"encoding/json"
	"slices"
)

// Files of older versions say "combine: paper" of what is now Both. A file that means
// Paper always says when the batch joins the memory, which older versions had no key
// for: so one without it is of an older version, or was written by hand for one.

// Explicit returns c as it is written to files: every version reads its settings with the same
// meaning.
func (c Config) Explicit() Config {
	if c.Memory.Combine == Paper {
		c.Memory.Enqueue = c.Memory.enqueue()
	}
	return c
}

// TakeIn calls read, which reads a configuration file into the settings of c. It reports
// whether the file is of an older version, whose "combine: paper" means Both and has been read
// so.
func (c *Config) TakeIn(read func() error) (older bool, err error) {
	combine, enqueue := c.Memory.Combine, c.Memory.Enqueue
	c.Memory.Combine, c.Memory.Enqueue = "", ""
	err = read()
	if older = c.Memory.Combine == Paper && c.Memory.Enqueue == ""; older {
		c.Memory.Combine = Both
	}
	if c.Memory.Combine == "" {
		c.Memory.Combine = combine
	}
	if c.Memory.Enqueue == "" && !older {
		c.Memory.Enqueue = enqueue
	}
	return older, err
}

// newer are the entries of a checkpoint as this version means them.
func newer(was []entry) []entry {
	paper, _ := json.Marshal(Paper)
	both, _ := json.Marshal(Both)
	isPaper := func(e entry) bool { return e.Name == "combine" && string(e.Value) == string(paper) }
	i := slices.IndexFunc(was, isPaper)
	if i >= 0 && !slices.ContainsFunc(was, func(e entry) bool { return e.Name == "enqueue" }) {
		was[i].Value = both
	}
	return was
}
