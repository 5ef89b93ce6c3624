package sets

import (
	"errors"
	"fmt"
	"slices"

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
	form := o.form()
	set.Channels, set.Height, set.Width, set.Margin = 3, form.Height, form.Width, form.Margin
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
		Folder: o.Cache, InMemory: o.inMemory(), Count: len(found), Size: 3 * form.Rows() * form.Columns(),
		Read: func(i int, dst []uint8) (float64, error) {
			if found[i].Open == nil {
				_, err := l.source.File(l.entries[i].file)
				return 0, err
			}
			return photo.Read(dst, found[i], form)
		},
		Blame:      l.blame,
		SkipBroken: o.SkipBroken,
		SkipKinds:  l.found,
		Progress:   o.Progress,
	}
	c.Key(form.Resize, int64(form.Rows()), int64(form.Columns()), map[bool]int64{true: 1}[l.found])
	for i, f := range found {
		c.Key(l.entries[i].file, f.Size, f.Changed.UnixNano())
	}
	pixels, err := c.Load()
	if err != nil {
		return nil, err
	}
	set.Pixels = pixels.All
	set.OnClose(pixels.Close)
	if pixels.Cut*cutOften > set.Len() {
		set.Notes = append(set.Notes, cutNote(set.Len(), pixels.Notes, form))
	}
	return set, l.leaveOut(set, pixels.Notes)
}

// cutOften is of how many images one must be cut by much for it to be said.
const cutOften = 10

// cutNote says that much of the pictures is not seen.
func cutNote(images int, notes photo.Notes, form photo.Form) string {
	return fmt.Sprintf("resize is crop: of %d of %d pictures a large part, %.0f %% on average, lies outside the middle %s that is seen: squeeze or pad shows all of it, and an image-size of their shape, HEIGHTxWIDTH",
		notes.Cut, images, 100*notes.CutShare, map[bool]string{true: "square", false: "part"}[form.Height == form.Width])
}

// leaveOut removes from a set what could not be read.
func (l *listing) leaveOut(set *data.Set, notes photo.Notes) error {
	if len(notes.Broken)+len(notes.Kinds) == 0 {
		return nil
	}
	var kept []int
	for i := range set.Len() {
		if why, is := notes.Broken[i]; is {
			set.Broken = append(set.Broken, why)
		} else if kind, is := notes.Kinds[i]; is {
			l.leave(photo.NotRead{Kind: kind}.Error(), set.Files[i])
		} else {
			kept = append(kept, i)
		}
	}
	set.LeftOut = l.left
	if len(kept) == 0 && len(set.Broken) > 0 {
		return errors.New("no image could be read, the first because of: " + set.Broken[0])
	}
	if len(kept) == 0 {
		return fmt.Errorf("no image could be read: %s", l.left[len(l.left)-1].Reason)
	}
	classes := set.ClassNames
	set.Keep(kept)
	if gone := len(classes) - set.Classes(); gone > 0 {
		first := classes[slices.IndexFunc(classes, func(c string) bool { return !slices.Contains(set.ClassNames, c) })]
		set.Notes = append(set.Notes, emptied(gone, first))
	}
	return nil
}

// emptied says that classes have no image left.
func emptied(classes int, first string) string {
	if classes == 1 {
		return fmt.Sprintf("class %s has no image that is read, and is left out", first)
	}
	return fmt.Sprintf("%d classes have no image that is read, and are left out: %s is the first", classes, first)
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
