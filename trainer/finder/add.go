package finder

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"time"

	"crossbatch/eval/index"
	"crossbatch/trainer/data/files"
	"crossbatch/trainer/run"
	"crossbatch/trainer/setting"
	"crossbatch/xbm/kernel"
)

// Adding says how pictures are added to an index.
type Adding struct {
	Prefix   string // before every name
	Group    string // of all, in place of their folders'; "": those
	Progress func(done, of int)
}

// Settings are the rows of its fields.
func (a *Adding) Settings() []setting.Setting {
	return []setting.Setting{
		{Key: "group", Value: &a.Group, Group: "Index", Range: setting.Form("a name"), Help: "`NAME` of the group of all pictures, in place of their folders"},
		{Key: "prefix", Value: &a.Prefix, Group: "Index", Range: setting.Form("text"), Help: "`TEXT` before every name, for folders in which files have the same names"},
	}
}

// Pictures says what is to be added to an index: files or, where there are none, what
// Data names.
type Pictures struct {
	Files []string
	Data  string    // begins with [Prefix], or is of a data set that Set opens
	Stdin io.Reader // of a list on standard input
	// Set opens the data set, and says which of its images are wanted.
	Set func() (m *run.Model, images []int, err error)
}

// Add adds pictures to an index as [Encoder.ToIndex] or [Encoder.SetToIndex] does.
func (e *Encoder) Add(ctx context.Context, w *index.Writer, p Pictures, how Adding) (Report, error) {
	s, err := picturesOf(p.Data, p.Files, p.Stdin)
	if err != nil {
		return Report{}, err
	}
	if s != nil {
		r, err := e.ToIndex(ctx, w, s, how)
		return r, errors.Join(err, s.Close())
	}
	m, images, err := p.Set()
	if err != nil {
		return Report{}, err
	}
	return e.SetToIndex(ctx, w, m, images, how)
}

// Report is what came of adding.
type Report struct {
	Index   string   `json:"index"` // its folder
	Rows    int      `json:"rows"`  // it has now
	Added   int      `json:"added"`
	There   int      `json:"there"`              // of a name that the index has already
	Broken  []string `json:"broken,omitempty"`   // why, of each that could not be read
	LeftOut int      `json:"left_out,omitempty"` // files that are no pictures
	Seconds float64  `json:"-"`                  // it took
}

// ended is r at the end of what began.
func (r Report) ended(w *index.Writer, began time.Time) Report {
	r.Index, r.Rows, r.Seconds = w.Dir(), w.Len(), time.Since(began).Seconds()
	return r
}

// Text is the report in a line.
func (r Report) Text() string {
	more := ""
	for _, part := range []struct {
		n    int
		what string
	}{{r.There, "were there already"}, {len(r.Broken), "could not be read"}, {r.LeftOut, "other files were left out"}} {
		if part.n > 0 {
			more += fmt.Sprintf(", %d %s", part.n, part.what)
		}
	}
	return fmt.Sprintf("%d pictures added, %.0f/s%s; %d are in %s\n", r.Added, float64(r.Added)/max(r.Seconds, 1e-9), more, r.Rows, r.Index)
}

// Warnings names the first few pictures that could not be read, and counts the others.
func (r Report) Warnings() (warnings []string) {
	const few = 5
	for i, why := range r.Broken {
		if i == few {
			return append(warnings, fmt.Sprintf("and %d more", len(r.Broken)-i))
		}
		warnings = append(warnings, "left out: "+why)
	}
	return warnings
}

// chunk is how many pictures are read, embedded and added at a time.
const chunk = 64

// thumbnailSide is that of the small pictures that an index keeps.
const thumbnailSide = 160

// ToIndex adds the pictures of a source to an index, a few at a time, so that what is done
// stays where it is stopped. Those that cannot be read are left out and named; those whose
// names are there are passed over.
func (e *Encoder) ToIndex(ctx context.Context, w *index.Writer, s *Source, how Adding) (r Report, err error) {
	if err := w.Encoder().Accepts(e.identity); err != nil {
		return r, err
	}
	began := time.Now()
	r.LeftOut = s.LeftOut
	var left []Place
	seen := map[string]bool{}
	for _, p := range s.Items {
		p.Name = how.Prefix + p.Name
		if how.Group != "" {
			p.Group = how.Group
		}
		if _, there := w.Row(p.Name); there || seen[p.Name] {
			r.There++
			continue
		}
		seen[p.Name] = true
		left = append(left, p)
	}
	for first := 0; first < len(left); first += chunk {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		some := left[first:min(first+chunk, len(left))]
		rows, items, broken, err := e.look(some)
		if err != nil {
			return r, err
		}
		r.Broken = append(r.Broken, broken...)
		if err := w.Add(rows, items); err != nil {
			return r, err
		}
		r.Added += len(items)
		if how.Progress != nil {
			how.Progress(first+len(some), len(left))
		}
	}
	return r.ended(w, began), nil
}

// look reads and embeds pictures.
func (e *Encoder) look(places []Place) (rows []float32, items []index.Item, broken []string, err error) {
	images, smalls, why := make([][]float32, len(places)), make([][]byte, len(places)), make([]error, len(places))
	kernel.Parallel(len(places), func(i int) {
		content, err := places[i].Read()
		if err != nil {
			why[i] = files.Bare(err)
			return
		}
		images[i] = make([]float32, e.Numbers())
		small, err := e.see(images[i], content, thumbnailSide)
		if err == nil {
			smalls[i], err = thumbnail(small, e.Channels == 1)
		}
		why[i] = err
	})
	var all []float32
	for i, p := range places {
		if why[i] != nil {
			broken = append(broken, fmt.Sprintf("%s: %v", p.Name, why[i]))
			continue
		}
		all = append(all, images[i]...)
		items = append(items, index.Item{Name: p.Name, Group: p.Group, Picture: smalls[i]})
	}
	rows = make([]float32, len(items)*e.identity.Dim)
	return rows, items, broken, e.Embed(rows, all)
}

// thumbnail is a small picture as a file: JPEG, or PNG for what is tiny or of one channel.
func thumbnail(picture image.Image, gray bool) ([]byte, error) {
	var b bytes.Buffer
	if gray {
		one := image.NewGray(picture.Bounds())
		draw.Draw(one, one.Rect, picture, one.Rect.Min, draw.Src)
		err := png.Encode(&b, one)
		return b.Bytes(), err
	}
	if s := picture.Bounds().Size(); max(s.X, s.Y) <= 40 {
		err := png.Encode(&b, picture)
		return b.Bytes(), err
	}
	err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: 85})
	return b.Bytes(), err
}

// Pictures embeds the pictures of a source, of which each must be readable: n×Dim.
func (e *Encoder) Pictures(s *Source) (rows []float32, thumbnails [][]byte, err error) {
	for first := 0; first < len(s.Items); first += chunk {
		more, items, broken, err := e.look(s.Items[first:min(first+chunk, len(s.Items))])
		if err == nil && len(broken) > 0 {
			err = errors.New("picture " + broken[0])
		}
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, more...)
		for _, it := range items {
			thumbnails = append(thumbnails, it.Picture)
		}
	}
	return rows, thumbnails, nil
}
