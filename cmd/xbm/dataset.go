package main

import (
	"strings"

	"crossbatch/backbone"
	"crossbatch/trainer"
	"crossbatch/trainer/data/augment"
)

// dataOptions are the flags of a run that say what it is trained on.
func dataOptions(d trainer.Config) []option {
	return []option{
		text("Data", "data", d.Data, "data `SET`, listed above", func(s *settings) *string { return &s.Data }),
		seed("Data", "split-seed", d.SplitSeed, "`SEED` of which classes are for training, validation and test", func(s *settings) *uint64 { return &s.SplitSeed }),
		whole("Data", "image-size", d.ImageSize, "side of photographs in `PIXELS` as the network sees them; 0: 64", func(s *settings) *int { return &s.ImageSize }),
		yes("Data", "skip-broken", d.SkipBroken, "leave out photographs and fonts that are missing or cannot be read, and say how many", func(s *settings) *bool { return &s.SkipBroken }),
		text("Data", "augment", d.Augment, "`KIND` of change to the images in training: "+strings.Join(augment.Kinds(), ", ")+". auto, the default: photo for photographs, else none; photo: random crop and mirror image; glyph: turned, scaled, sheared, shifted; views: those and colours, blur, holes, for learning without labels", func(s *settings) *string { return &s.Augment }),
		whole("Data", "train-classes", d.TrainClasses, "`NUMBER` of the training classes that are used, drawn by --split-seed; 0: all", func(s *settings) *int { return &s.TrainClasses }),
		number("Data", "label-noise", d.LabelNoise, "`SHARE` of the training images that get a wrong label, drawn by --split-seed", func(s *settings) *float64 { return &s.LabelNoise }),
		whole("Data", "folds", d.Folds, "`NUMBER` of folds of a cross-validation over classes, whose test is half of them; 0: none", func(s *settings) *int { return &s.Folds }),
		whole("Data", "fold", d.Fold, "which `FOLD` of them validates, from 1", func(s *settings) *int { return &s.Fold }),
		text("Data", "class-order", d.ClassOrder, "`ORDER` that folds are cut from: "+trainer.ShuffledClasses+" by --split-seed (the default), or "+trainer.SortedClasses+" by label", func(s *settings) *string { return &s.ClassOrder }),
		text("Data", "cache", "", "`FOLDER` for decoded photographs, to be read from the next time; default: only for what does not fit --cache-memory, in your cache folder", func(s *settings) *string { return &s.Cache }),
		whole("Data", "cache-memory", 0, "`MIB` of photographs that are held in memory, larger sets stay in the cache's file; 0: 2048", func(s *settings) *int { return &s.CacheMemory }),
		whole("Data", "workers", 0, "goroutines that make batches ahead of training; 0: as many as processors. Makes no difference to the numbers", func(s *settings) *int { return &s.Workers }),
	}
}

// defaultNetwork is linear for the features of another model, which have no rows and columns.
func defaultNetwork(spec, otherwise string) string {
	if strings.HasPrefix(spec, "features:") {
		return backbone.Linear
	}
	return otherwise
}
