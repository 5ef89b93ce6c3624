package data

import "fmt"

// Official is the split that a set comes with, as image indices, ascending. Train, Validation
// and Test have no class in common. Query and Gallery are parts of Test, or nil. If Validation
// is nil, the validation classes are taken from Train.
type Official struct {
	Train, Validation, Test, Query, Gallery []int
}

// official calls mark once for each class that the official split tests or validates on, and
// counts them. A class in two parts is an error.
func (s *Set) official(mark func(class int32, isTest bool)) (tested, validated int, err error) {
	if s.Official == nil {
		return 0, 0, nil
	}
	const (
		training   = "training part"
		validation = "validation part"
		test       = "test"
	)
	of := make([]string, s.Classes())
	for _, part := range []struct {
		name  string
		index []int
	}{{test, s.Official.Test}, {validation, s.Official.Validation}, {training, s.Official.Train}} {
		for _, i := range part.index {
			class := s.Labels[i]
			switch of[class] {
			case part.name:
				continue
			case "":
				of[class] = part.name
			default:
				return 0, 0, fmt.Errorf("data: split: %s: class %s is in the %s and in the %s", s.Name, s.ClassNames[class], part.name, of[class])
			}
			switch part.name {
			case test:
				tested++
				mark(class, true)
			case validation:
				validated++
				mark(class, false)
			}
		}
	}
	return tested, validated, nil
}
