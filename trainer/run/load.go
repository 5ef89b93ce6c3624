package run

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"go.uber.org/zap"

	"crossbatch/backbone"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
	"crossbatch/trainer/data/augment"
	"crossbatch/trainer/data/sets"
	"crossbatch/trainer/setting"
)

// Loading says where the pixels of photographs are stored, and how many goroutines make
// batches. It does not change the results. The zero value is ready.
type Loading struct {
	// Cache is a folder for decoded photographs, which later runs read; "": the user's cache
	// folder, and only for sets that are larger than CacheMemory.
	Cache       string
	CacheMemory int // MiB of photographs held in memory; 0: 2048
	Workers     int // goroutines that make batches; 0: as many as processors
}

// Settings returns the settings of the fields, bound to them.
func (l *Loading) Settings() []setting.Setting {
	return []setting.Setting{
		{Key: "cache", Value: &l.Cache, Group: "Data", Scope: setting.Machine, Range: setting.Form("a folder"), Help: "`FOLDER` for decoded photographs, to be read from the next time; default: only for what does not fit --cache-memory, in your cache folder"},
		{Key: "cache-memory", Value: &l.CacheMemory, Group: "Data", Scope: setting.Machine, Unit: "MiB", Range: setting.AtLeast(0).Note("2048 MiB"), Help: "`MIB` of photographs that are held in memory, larger sets stay in the cache's file; 0: 2048"},
		{Key: "workers", Value: &l.Workers, Group: "Data", Scope: setting.Machine, Unit: "goroutines", Range: setting.AtLeast(0).Note("as many as processors"), Help: "goroutines that make batches ahead of training; 0: as many as processors. Makes no difference to the numbers"},
	}
}

// fits returns an error where a kind of network is not for the set.
func (s *Session) fits(kind string) error {
	if s.set.IsFeatures() && kind != backbone.Linear && kind != backbone.MLP {
		return fmt.Errorf("backbone is %q, and %s holds numbers of another model, not images: give %s or %s", kind, s.name, backbone.Linear, backbone.MLP)
	}
	return nil
}

// loaded is what a data set was loaded by.
type loaded struct {
	spec       string
	size       data.Size
	resize     string
	margin     bool
	skipBroken bool
}

// load reads the data set of a configuration, once.
func (s *Session) load(c trainer.Config) error {
	// What augmentation may crop from is stored with the images.
	by := loaded{c.Data.Set, c.Data.ImageSize, c.Data.Resize, c.Data.Augment != augment.None, c.Data.SkipBroken}
	if s.set != nil && s.by == by {
		return nil
	}
	set, err := sets.Load(c.Data.Set, sets.Options{
		Size: by.size, Resize: by.resize, Margin: by.margin, SkipBroken: by.skipBroken,
		Cache: s.Cache, InMemory: int64(s.CacheMemory) << 20, Input: s.Input, Progress: func(done, of int) { s.Progress.part("reading images", done, of) },
	})
	s.Progress.end()
	if err != nil {
		return err
	}
	if n := len(set.Broken); n > 0 {
		s.log().Warn("files left out", zap.Int("number", n), zap.String("first", set.Broken[0]))
	}
	for _, left := range set.LeftOut {
		s.log().Warn("left out of the data", zap.Int("number", left.Count), zap.String("reason", left.Reason), zap.String("first", left.First))
	}
	for _, note := range set.Notes {
		s.log().Warn("data: " + note)
	}
	if err := s.closeSet(); err != nil {
		return err
	}
	s.set, s.name, s.by = set, c.Data.Set, by
	return nil
}

// Fingerprint returns a line of text that identifies what c reads from files: the data set,
// which it loads, see [data.Set.Fingerprint], and the initial weights.
func (s *Session) Fingerprint(c trainer.Config) (string, error) {
	if err := s.load(c); err != nil {
		return "", err
	}
	text := s.set.Fingerprint()
	if c.Network.Weights == "" {
		return text, nil
	}
	weights, err := os.Open(c.Network.Weights)
	if err != nil {
		return "", err
	}
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	_, err = io.Copy(sum, weights)
	return fmt.Sprintf("%s, weights %08x", text, sum.Sum32()), errors.Join(err, weights.Close())
}
