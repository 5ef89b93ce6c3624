package sets

import (
	"fmt"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/files"
	"crossbatch/trainer/data/parallel"
	"crossbatch/trainer/data/photo"
)

// photos reads the images of a listing, or takes them from the cache.
func (l *listing) photos(o Options) (*data.Set, error) {
	set, err := l.set()
	if err != nil {
		return nil, err
	}
	set.Channels, set.Height, set.Width, set.Margin = 3, o.size(), o.size(), o.margin()
	found := make([]files.File, len(l.entries))
	err = parallel.Each(len(found), func(i int) (err error) {
		found[i], err = l.source.File(l.entries[i].file)
		if err != nil && !o.SkipBroken {
			return l.blame(i, err)
		}
		return nil // a file that is not there fails when it is opened
	})
	if err != nil {
		return nil, err
	}
	c := &photo.Cache{
		Folder: o.Cache, InMemory: o.inMemory(), Count: len(found), Size: 3 * o.stored() * o.stored(),
		Read: func(i int, dst []uint8) error {
			if found[i].Open == nil {
				_, err := l.source.File(l.entries[i].file)
				return err
			}
			return photo.Read(dst, found[i], o.stored())
		},
		Blame:      l.blame,
		SkipBroken: o.SkipBroken,
		Progress:   o.Progress,
	}
	for i, f := range found {
		c.Key(l.entries[i].file, f.Size, f.Changed.UnixNano(), int64(o.stored()))
	}
	pixels, err := c.Load()
	if err != nil {
		return nil, err
	}
	set.Pixels = pixels.All
	set.OnClose(pixels.Close)
	if len(pixels.Broken) > 0 {
		return set, set.LeaveOut(pixels.Broken)
	}
	return set, nil
}

// blame names the place of an image that could not be read.
func (l *listing) blame(i int, err error) error {
	file := l.source.Name(l.entries[i].file)
	var at string
	if w := l.entries[i].where; w != "" {
		at = " (" + w + ")"
	}
	if s := err.Error(); len(s) > len(file) && s[:len(file)] == file {
		return fmt.Errorf("image %w%s", err, at)
	}
	return fmt.Errorf("image %s%s: %w", file, at, err)
}
