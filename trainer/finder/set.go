package finder

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"time"

	"crossbatch/eval/index"
	"crossbatch/trainer/data"
	"crossbatch/trainer/run"
)

// SetToIndex adds images of a data set, as a run's model has loaded it, to an index; their
// groups are their classes.
func (e *Encoder) SetToIndex(ctx context.Context, w *index.Writer, m *run.Model, images []int, how Adding) (r Report, err error) {
	if err := w.Encoder().Accepts(e.identity); err != nil {
		return r, err
	}
	set := m.Set()
	if set.Channels != e.Channels || set.Height != e.Height || set.Width != e.Width {
		return r, fmt.Errorf("the set's images are of %d×%d×%d, and the network takes %d×%d×%d", set.Channels, set.Height, set.Width, e.Channels, e.Height, e.Width)
	}
	began, names := time.Now(), NamesOf(set)
	var left []int
	for _, i := range images {
		if _, there := w.Row(how.Prefix + names[i]); there {
			r.There++
		} else {
			left = append(left, i)
		}
	}
	const chunk = 256
	for first := 0; first < len(left); first += chunk {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		some := left[first:min(first+chunk, len(left))]
		all, rows := make([]float32, len(some)*e.Numbers()), make([]float32, len(some)*e.identity.Dim)
		set.Batch(all, some)
		if err := e.Embed(rows, all); err != nil {
			return r, err
		}
		items := make([]index.Item, len(some))
		for k, i := range some {
			small, err := thumbnail(set.Image(i), set.Channels == 1)
			if err != nil {
				return r, err
			}
			items[k] = index.Item{Name: how.Prefix + names[i], Group: set.ClassNames[set.Labels[i]], Picture: small}
			if how.Group != "" {
				items[k].Group = how.Group
			}
		}
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

// NamesOf names the images of a set, each differently and none by a place on the disk: by
// their files, or else by class and number.
func NamesOf(set *data.Set) []string {
	names, seen, number := make([]string, set.Len()), map[string]int{}, map[int32]int{}
	_, root, _ := strings.Cut(set.Name, ":")
	for i, label := range set.Labels {
		name := fmt.Sprintf("%s/%d", set.ClassNames[label], number[label])
		number[label]++
		if set.Files != nil {
			name = filepath.ToSlash(set.Files[i])
			if at := strings.LastIndex(name, ": "); at >= 0 { // a member of an archive
				name = name[at+2:]
			}
			name = strings.TrimPrefix(strings.TrimPrefix(name, filepath.ToSlash(filepath.Clean(root))), "/")
			if filepath.IsAbs(name) || strings.HasPrefix(name, "..") {
				name = path.Base(name)
			}
		}
		if seen[name]++; seen[name] > 1 {
			name = fmt.Sprintf("%s (%d)", name, seen[name])
		}
		names[i] = name
	}
	return names
}
