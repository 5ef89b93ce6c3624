package trainer

import (
	"fmt"

	"crossbatch/trainer/data"
)

// The orders of classes that folds are cut from.
const (
	ShuffledClasses = "shuffled" // by SplitSeed; the default
	SortedClasses   = "sorted"   // by their labels
)

func (c Config) split(set *data.Set) (data.Split, error) {
	if c.Folds == 0 {
		return data.SplitClasses(set, c.SplitSeed, data.Fractions{})
	}
	return data.FoldClasses(set, data.Fold{Of: c.Folds, Number: c.Fold - 1, Shuffle: c.ClassOrder != SortedClasses, Seed: c.SplitSeed})
}

func (c Config) validateFold() error {
	switch c.ClassOrder {
	case "", ShuffledClasses, SortedClasses:
	default:
		return fmt.Errorf("trainer: class-order is %q: give %s or %s", c.ClassOrder, ShuffledClasses, SortedClasses)
	}
	switch {
	case c.Folds == 0 && (c.Fold != 0 || c.ClassOrder != ""):
		return fmt.Errorf("trainer: fold is %d and class-order %q without folds: give folds too", c.Fold, c.ClassOrder)
	case c.Folds != 0 && (c.Folds < 2 || c.Fold < 1 || c.Fold > c.Folds):
		return fmt.Errorf("trainer: fold is %d of folds %d: give 1 to the number of folds, at least 2", c.Fold, c.Folds)
	}
	return nil
}
