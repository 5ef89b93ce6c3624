package data

import (
	"errors"
	"fmt"
	"slices"
)

// photos reads the images of a listing, or takes them from the cache.
func (l *listing) photos(o Options) (*Set, error) {
	set, err := l.set()
	if err != nil {
		return nil, err
	}
	set.Channels, set.Height, set.Width, set.Margin = 3, o.size(), o.size(), o.margin()
	files := make([]sourceFile, len(l.entries))
	err = parallel(len(files), func(i int) (err error) {
		files[i], err = l.source.file(l.entries[i].file)
		if err != nil && !o.SkipBroken {
			return l.blame(i, err)
		}
		return nil // a file that is not there fails when it is opened
	})
	if err != nil {
		return nil, err
	}
	c := &imageCache{
		folder: o.Cache, inMemory: o.inMemory(), count: len(files), size: 3 * o.stored() * o.stored(),
		read: func(i int, dst []uint8) error {
			if files[i].open == nil {
				_, err := l.source.file(l.entries[i].file)
				return err
			}
			return readPhoto(dst, files[i], o.stored())
		},
		blame:      l.blame,
		skipBroken: o.SkipBroken,
		progress:   o.Progress,
	}
	for i, f := range files {
		c.key(l.entries[i].file, f.size, f.changed.UnixNano(), int64(o.stored()))
	}
	broken, err := c.load(set)
	if err != nil {
		return nil, err
	}
	if len(broken) > 0 {
		return set, set.leaveOut(broken)
	}
	return set, nil
}

// blame names the place of an image that could not be read.
func (l *listing) blame(i int, err error) error {
	file := l.source.name(l.entries[i].file)
	var at string
	if w := l.entries[i].where; w != "" {
		at = " (" + w + ")"
	}
	if s := err.Error(); len(s) > len(file) && s[:len(file)] == file {
		return fmt.Errorf("image %w%s", err, at)
	}
	return fmt.Errorf("image %s%s: %w", file, at, err)
}

// leaveOut removes images, and classes without any left.
func (s *Set) leaveOut(broken map[int]string) error {
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
	s.keep(kept)
	return nil
}

// keep makes the set one of the images at index, ascending. The pixels stay where they
// are, for those may be more than fit into memory: places says where.
func (s *Set) keep(index []int) {
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
	}
	s.Labels, s.Files, s.ClassNames, s.places = labels, files, names, places
	if s.Official != nil {
		for _, part := range []*[]int{&s.Official.Train, &s.Official.Test, &s.Official.Query, &s.Official.Gallery} {
			*part = slices.DeleteFunc(*part, func(i int) bool { _, is := place[i]; return !is })
			for k, i := range *part {
				(*part)[k] = place[i]
			}
		}
	}
}
