package sets

import (
	"fmt"
	"path/filepath"
	"strings"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/features"
	"crossbatch/trainer/data/files"
)

// loadManifest reads a set that a table lists: see listManifest.
func loadManifest(path string, o Options) (*data.Set, error) {
	l, err := listManifest(path)
	if err != nil {
		return nil, err
	}
	return l.photos(o)
}

// listManifest lists the images of a table, see [features.Table]: columns path and label, and,
// where it has them, split (train, val, test, query, gallery), query (yes or no), camera and
// group. Paths are relative to the table's folder.
func listManifest(path string) (*listing, error) {
	table, err := features.ReadTable(path)
	if err != nil {
		return nil, err
	}
	paths := table.Column(features.PathTitles()...)
	labels := table.Column(features.LabelTitles()...)
	titles := table.Titles
	if titles == nil && len(table.Rows) > 0 {
		titles = table.Rows[0]
	}
	switch {
	case len(table.Rows) == 0:
		return nil, fmt.Errorf("%s: no rows: want a line of titles, path,label, and a line for each image", path)
	case table.Titles == nil && len(table.Rows[0]) == 2: // path, label
		paths, labels = table.At(0), table.At(1)
	case paths == nil || labels == nil:
		return nil, fmt.Errorf("%s: its first line is %q: want titles of columns, path and label, and perhaps split, query, camera, group",
			path, strings.Join(titles, ","))
	}
	l := &listing{source: files.Around(filepath.Dir(path))}
	for i := range table.Rows {
		e := entry{file: strings.ReplaceAll(paths[i], `\`, "/"), class: labels[i], where: fmt.Sprintf("%s, line %d", path, table.Lines[i])}
		if e.file == "" || e.class == "" {
			return nil, fmt.Errorf("%s: %q, %q: want a path and a label", e.where, e.file, e.class)
		}
		l.entries = append(l.entries, e)
	}
	return l, l.columns(table)
}

// columns takes in what a table says of its entries beside their class.
func (l *listing) columns(table *features.Table) error {
	split, queries := table.Column(features.SplitTitles()...), table.Column(features.QueryTitles()...)
	cameras, groups := table.Column(features.CameraTitles()...), table.Column(features.GroupTitles()...)
	where := func(i int) string { return fmt.Sprintf("%s, line %d", table.Name, table.Lines[i]) }
	said := 0
	for i := range l.entries {
		e := &l.entries[i]
		if cameras != nil {
			e.camera = cameras[i]
		}
		if groups != nil {
			e.group = groups[i]
		}
		if split != nil && split[i] != "" {
			switch word := strings.ToLower(split[i]); word {
			case "junk":
				e.part, e.junk = gallery, true
			case "distractor":
				e.part, e.distractor = gallery, true
			case "unused": // training classes that a run left out
				e.part = inTraining
			default:
				var known bool
				if e.part, known = partOf(word); !known {
					return fmt.Errorf("%s: split %q: want train, val, test, query, gallery, junk or distractor", where(i), split[i])
				}
			}
			said++
		}
		if queries != nil {
			is, err := yesOrNo(queries[i])
			switch {
			case err != nil:
				return fmt.Errorf("%s: query %q: want 1 or 0, yes or no", where(i), queries[i])
			case is && (e.part == inTraining || e.part == inValidation || e.part == gallery):
				return fmt.Errorf("%s: a query of the %s: queries are of the test", where(i), split[i])
			case is:
				e.part = query
			case e.part == inTest:
				e.part = gallery
			}
		}
	}
	if split != nil && said > 0 && said < len(l.entries) {
		for i := range l.entries {
			if split[i] == "" {
				return fmt.Errorf("%s: no split, and %d others have one: say it for all or none", where(i), said)
			}
		}
	}
	if split == nil && queries != nil {
		// Without a column for it, all that are no queries are of their gallery.
		for i := range l.entries {
			if l.entries[i].part == undecided {
				l.entries[i].part = gallery
			}
		}
	}
	l.unknown()
	l.validationAsTest()
	l.joinParts()
	return l.needsBoth()
}

// unknown says where a label may stand for none.
func (l *listing) unknown() {
	n := 0
	for _, e := range l.entries {
		if e.class == "-1" && !e.junk {
			n++
		}
	}
	if n > 0 {
		l.notes = append(l.notes, fmt.Sprintf("label -1, of %d, is a class as others are: if it stands for unknown, leave these out", n))
	}
}

func yesOrNo(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "1", "yes", "y", "true", "t", "query", "1.0":
		return true, nil
	case "", "0", "no", "n", "false", "f", "gallery", "0.0":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither yes nor no", s)
}
