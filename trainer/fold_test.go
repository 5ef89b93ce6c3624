package trainer

import (
	"slices"
	"strings"
	"testing"
)

func TestFoldsOfARun(t *testing.T) {
	set := bars()
	c := Default()
	c.Data.Set, c.Data.Folds, c.Data.Fold, c.Data.ClassOrder = "bars", 4, 2, SortedClasses
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	split, err := c.Parts(set)
	if err != nil {
		t.Fatal(err)
	}
	// Of 24 classes 12 are tested and 3 validate; fold 2 starts at the third.
	train, validation, test := split.Classes(set)
	if train[0] != 3 || len(train) != 9 || !slices.Equal(validation, []int32{0, 1, 2}) || test[0] != 12 || len(test) != 12 {
		t.Errorf("train %v, validation %v, test %v", train, validation, test)
	}
	for want, change := range map[string]func(*Config){
		"fold is 0 of folds 4":     func(c *Config) { c.Data.Fold = 0 },
		"fold is 5 of folds 4":     func(c *Config) { c.Data.Fold = 5 },
		"fold is 1 of folds 1":     func(c *Config) { c.Data.Folds, c.Data.Fold = 1, 1 },
		"without folds":            func(c *Config) { c.Data.Folds = 0 },
		`class-order is "upwards"`: func(c *Config) { c.Data.ClassOrder = "upwards" },
		"patience is -1":           func(c *Config) { c.Watch.Patience = -1 },
	} {
		bad := c
		change(&bad)
		if err := bad.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q", err, want)
		}
	}
}
