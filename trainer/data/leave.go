package data

import (
	"errors"
	"slices"
)

// LeftOut counts the files or rows that were not taken for images of a set, for one reason.
type LeftOut struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
	First  string `json:"first"` // name of the first
}

// LeaveOut removes broken images, a reason by index, and classes without any image left. The
// reasons are appended to Broken. It is an error if no image is left. See Keep.
func (s *Set) LeaveOut(broken map[int]string) error {
	var kept []int
	for i := range s.Labels {
		if why, is := broken[i]; is {
			s.Broken = append(s.Broken, why)
			continue
		}
		kept = append(kept, i)
	}
	if len(kept) == 0 {
		return errors.New("no image could be read, the first because of: " + s.Broken[0])
	}
	s.Keep(kept)
	return nil
}

// Keep reduces the set to the images at index, ascending, and renumbers classes and the
// official split. Pixels are not moved, because they may not fit into memory. It is for
// readers of sets of pixels from files: Files must be set.
func (s *Set) Keep(index []int) {
	place := make(map[int]int, len(index))
	var labels []int32
	var files, names []string
	places := make([]int32, len(index))
	for k, i := range index {
		place[i] = k
		if k == 0 || s.Labels[i] != s.Labels[index[k-1]] {
			names = append(names, s.ClassNames[s.Labels[i]])
		}
		labels, files = append(labels, int32(len(names)-1)), append(files, s.Files[i])
		places[k] = int32(i)
		if s.places != nil {
			places[k] = s.places[i]
		}
	}
	s.Labels, s.Files, s.ClassNames, s.places = labels, files, names, places
	s.Cameras, s.Groups = chosen(s.Cameras, index), chosen(s.Groups, index)
	s.Junk, s.Distractors = chosen(s.Junk, index), chosen(s.Distractors, index)
	if s.Official != nil {
		for _, part := range []*[]int{&s.Official.Train, &s.Official.Validation, &s.Official.Test, &s.Official.Query, &s.Official.Gallery} {
			*part = slices.DeleteFunc(*part, func(i int) bool { _, is := place[i]; return !is })
			for k, i := range *part {
				(*part)[k] = place[i]
			}
		}
	}
}

// chosen are the values of all at index; nil of nil.
func chosen[T any](all []T, index []int) []T {
	if all == nil {
		return nil
	}
	some := make([]T, len(index))
	for k, i := range index {
		some[k] = all[i]
	}
	return some
}
