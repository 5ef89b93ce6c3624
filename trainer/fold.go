package trainer

import (
	"fmt"

	"crossbatch/trainer/data"
)

// The values of DataConfig.ClassOrder: the order of the classes before they are cut into folds.
const (
	ShuffledClasses = "shuffled" // by SplitSeed; the default
	SortedClasses   = "sorted"   // by their labels
)

func (c Config) split(set *data.Set) (data.Split, error) {
	if set.NoClasses {
		return data.Split{}, fmt.Errorf("trainer: %s has no classes: its images can be embedded, not trained on or scored", set.Name)
	}
	if c.Data.Folds == 0 {
		return data.SplitClasses(set, c.Data.SplitSeed, data.Fractions{})
	}
	return data.FoldClasses(set, data.Fold{Of: c.Data.Folds, Number: c.Data.Fold - 1, Shuffle: c.Data.ClassOrder != SortedClasses, Seed: c.Data.SplitSeed})
}

func (c Config) validateFold() error {
	switch {
	case c.Data.Folds == 0 && (c.Data.Fold != 0 || c.Data.ClassOrder != ""):
		return fmt.Errorf("trainer: fold is %d and class-order %q without folds: give folds too", c.Data.Fold, c.Data.ClassOrder)
	case c.Data.Folds != 0 && (c.Data.Folds < 2 || c.Data.Fold < 1 || c.Data.Fold > c.Data.Folds):
		return fmt.Errorf("trainer: fold is %d of folds %d: give 1 to the number of folds, at least 2", c.Data.Fold, c.Data.Folds)
	}
	return nil
}
