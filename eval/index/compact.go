package index

import "errors"

// compactRows is how many rows are copied at a time.
const compactRows = 4096

// Compact writes the index anew without the rows that were removed, whose room it
// gives back; rows get new numbers, in the same order. Killed at any moment, it leaves
// the index as it was or compacted. Readers that have it open keep what they have.
func (w *Writer) Compact() (err error) {
	if w.failed != nil {
		return w.failed
	}
	x, err := Open(w.folder.Path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	anew := &Writer{folder: w.folder, lock: w.lock, manifest: w.manifest, rows: map[string]int{}}
	anew.manifest.Generation++
	if err := anew.begin(0); err != nil {
		return errors.Join(err, anew.closeFiles())
	}
	if err := anew.copy(x); err != nil {
		return errors.Join(err, anew.closeFiles())
	}
	if err := anew.manifest.write(w.folder); err != nil {
		return errors.Join(err, anew.closeFiles())
	}
	// From here on the new files are the index.
	old := *w
	*w = *anew
	return errors.Join(old.closeFiles(), w.clean())
}

// copy adds the rows of x that are not removed.
func (w *Writer) copy(x *Index) error {
	var rows []float32
	var items []Item
	flush := func() error {
		err := w.Add(rows, items)
		rows, items = rows[:0], items[:0]
		return err
	}
	room := make([]float32, x.Encoder().Dim)
	for row := range x.Rows() {
		if !x.Has(row) {
			continue
		}
		item, err := x.Item(row)
		if err != nil {
			return err
		}
		if err := x.Embedding(room, row); err != nil {
			return err
		}
		rows, items = append(rows, room...), append(items, item)
		if len(items) == compactRows {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}
