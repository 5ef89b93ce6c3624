package data

import (
	"errors"
	"fmt"
	"slices"
)

// Check returns an error unless the parts are indices of images of the set, ascending, and no
// class is in two parts. Query and Gallery must both be nil, or both be parts of Test without
// a common image.
func (p Split) Check(s *Set) error {
	err := p.checkParts(s)
	if err == nil {
		err = p.checkQueries()
	}
	if err != nil {
		return fmt.Errorf("data: split: %s: %w", s.Name, err)
	}
	return nil
}

func (p Split) checkParts(s *Set) error {
	of := make([]string, s.Classes())
	for _, part := range []struct {
		name  string
		index []int
	}{{"training", p.Train}, {"validation", p.Validation}, {"test", p.Test}} {
		last := -1
		for _, i := range part.index {
			if i <= last || i >= s.Len() {
				return fmt.Errorf("the %s part has image %d after %d, of %d: list each image of the set once, in their order", part.name, i, last, s.Len())
			}
			last = i
			class := s.Labels[i]
			if of[class] != "" && of[class] != part.name {
				return fmt.Errorf("class %s is in the %s part and in the %s part: they must have no class in common", s.ClassNames[class], of[class], part.name)
			}
			of[class] = part.name
		}
	}
	return nil
}

func (p Split) checkQueries() error {
	if len(p.Query) == 0 && len(p.Gallery) == 0 {
		return nil
	}
	if len(p.Query) == 0 || len(p.Gallery) == 0 {
		return fmt.Errorf("%d queries and a gallery of %d: give both or neither", len(p.Query), len(p.Gallery))
	}
	images := slices.Sorted(slices.Values(slices.Concat(p.Query, p.Gallery)))
	if len(slices.Compact(slices.Clone(images))) != len(images) {
		return errors.New("an image is twice among the queries and the gallery: give each once")
	}
	for _, i := range images {
		if _, tested := slices.BinarySearch(p.Test, i); !tested {
			return fmt.Errorf("image %d is a query or of the gallery and not of the test part", i)
		}
	}
	return nil
}
