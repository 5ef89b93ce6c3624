package main

import (
	"fmt"
	"slices"
	"strings"

	"go.uber.org/zap"

	"crossbatch/backbone"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
	"crossbatch/trainer/data/augment"
	"crossbatch/trainer/data/sets"
	"crossbatch/trainer/setting"
)

// dataSettings say where the pixels of photographs are kept and who makes batches of them.
// They make no difference to the numbers.
type dataSettings struct {
	Cache       string
	CacheMemory int // MiB
	Workers     int
}

func (d *dataSettings) list() []setting.Setting {
	return []setting.Setting{
		{Key: "cache", Value: &d.Cache, Group: "Data", Scope: setting.Machine, Range: setting.Form("a folder"), Help: "`FOLDER` for decoded photographs, to be read from the next time; default: only for what does not fit --cache-memory, in your cache folder"},
		{Key: "cache-memory", Value: &d.CacheMemory, Group: "Data", Scope: setting.Machine, Unit: "MiB", Range: setting.AtLeast(0).Note("2048 MiB"), Help: "`MIB` of photographs that are held in memory, larger sets stay in the cache's file; 0: 2048"},
		{Key: "workers", Value: &d.Workers, Group: "Data", Scope: setting.Machine, Unit: "goroutines", Range: setting.AtLeast(0).Note("as many as processors"), Help: "goroutines that make batches ahead of training; 0: as many as processors. Makes no difference to the numbers"},
	}
}

// ofData are the settings of data that is named otherwise than by --data.
func (s *settings) ofData() []setting.Setting {
	return slices.DeleteFunc(s.list(), func(row setting.Setting) bool { return row.Group != "Data" || row.Key == "data" })
}

// defaultNetwork is linear for the features of another model, which have no rows and columns.
func defaultNetwork(spec, otherwise string) string {
	if strings.HasPrefix(spec, "features:") {
		return backbone.Linear
	}
	return otherwise
}

// fits returns an error where a kind of network is not for the set.
func (s *session) fits(kind string) error {
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
func (s *session) load(c trainer.Config) error {
	// What augmentation may crop from is stored with the images.
	by := loaded{c.Data.Set, c.Data.ImageSize, c.Data.Resize, c.Data.Augment != augment.None, c.Data.SkipBroken}
	if s.set != nil && s.by == by {
		return nil
	}
	set, err := sets.Load(c.Data.Set, sets.Options{
		Size: by.size, Resize: by.resize, Margin: by.margin, SkipBroken: by.skipBroken,
		Cache: s.Cache, InMemory: int64(s.CacheMemory) << 20, Progress: s.console.reading,
	})
	s.console.end()
	if err != nil {
		return err
	}
	if n := len(set.Broken); n > 0 {
		s.console.log.Warn("files left out", zap.Int("number", n), zap.String("first", set.Broken[0]))
	}
	for _, left := range set.LeftOut {
		s.console.log.Warn("left out of the data", zap.Int("number", left.Count), zap.String("reason", left.Reason), zap.String("first", left.First))
	}
	for _, note := range set.Notes {
		s.console.log.Warn("data: " + note)
	}
	if s.set != nil {
		if err := s.set.Close(); err != nil {
			return fmt.Errorf("data: %s: %w", s.name, err)
		}
	}
	s.set, s.name, s.by = set, c.Data.Set, by
	return nil
}
