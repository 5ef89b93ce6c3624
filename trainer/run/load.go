package run

import (
	"fmt"

	"go.uber.org/zap"

	"crossbatch/backbone"
	"crossbatch/trainer"
	"crossbatch/trainer/data/augment"
	"crossbatch/trainer/data/sets"
)

// Loading says where the pixels of photographs are kept and who makes batches of them.
// It makes no difference to the numbers; the zero value is ready.
type Loading struct {
	// Cache is a folder for decoded photographs, to be read from the next time; "":
	// only for what does not fit CacheMemory, in the user's cache folder.
	Cache       string `yaml:"cache,omitempty"`
	CacheMemory int    `yaml:"cache-memory,omitempty"` // MiB of photographs held in memory; 0: 2048
	Workers     int    `yaml:"workers,omitempty"`      // goroutines that make batches; 0: as many as processors
}

// fits returns an error where a kind of network is not for the set.
func (s *Session) fits(kind string) error {
	if s.set.IsFeatures() && kind != backbone.Linear && kind != backbone.MLP {
		return fmt.Errorf("backbone is %q, and %s holds numbers of another model, not images: give %s or %s", kind, s.name, backbone.Linear, backbone.MLP)
	}
	return nil
}

// Validate returns an error that names the first setting out of its range.
func (l Loading) Validate() error {
	switch {
	case l.CacheMemory < 0:
		return fmt.Errorf("cache-memory is %d: give 0 (2048 MiB) or more", l.CacheMemory)
	case l.Workers < 0:
		return fmt.Errorf("workers is %d: give 0 (as many as processors) or more", l.Workers)
	}
	return nil
}

// loaded is what a data set was loaded by.
type loaded struct {
	spec       string
	size       int
	margin     bool
	skipBroken bool
}

// load reads the data set of a configuration, once.
func (s *Session) load(c trainer.Config) error {
	// What augmentation may crop from is stored with the images.
	by := loaded{c.Data, c.ImageSize, c.Augment != augment.None, c.SkipBroken}
	if s.set != nil && s.by == by {
		return nil
	}
	set, err := sets.Load(c.Data, sets.Options{
		Size: by.size, Margin: by.margin, SkipBroken: by.skipBroken,
		Cache: s.Cache, InMemory: int64(s.CacheMemory) << 20, Progress: func(done, of int) { s.Progress.part("reading images", done, of) },
	})
	s.Progress.end()
	if err != nil {
		return err
	}
	if n := len(set.Broken); n > 0 {
		s.log().Warn("files left out", zap.Int("number", n), zap.String("first", set.Broken[0]))
	}
	if err := s.Close(); err != nil {
		return err
	}
	s.set, s.name, s.by = set, c.Data, by
	return nil
}
