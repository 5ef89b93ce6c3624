package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"crossbatch/eval"
	"crossbatch/eval/record"
	"crossbatch/xbm/kernel"
)

// Options say how an index is made. The zero value is ready.
type Options struct {
	Half bool      // 16 bits a number: half the room, rows rounded to 11 bits
	FS   record.FS // where it lies; nil: the system's
}

// Writer adds rows to an index and removes them. It is used by one goroutine.
type Writer struct {
	folder   record.Folder
	lock     io.Closer
	manifest manifest
	last     commit
	files    [grown]record.File
	commits  record.File
	rows     map[string]int // by name, those not removed
	failed   error          // of a write, after which the files' ends are unknown
}

// ErrExists says that a folder holds something.
var ErrExists = errors.New("the folder is in use")

// Create makes an index without rows in dir, which is made or empty.
func Create(dir string, encoder Encoder, o Options) (*Writer, error) {
	if encoder.Dim < 1 || encoder.Hash == "" {
		return nil, fmt.Errorf("index: encoder %+v: give its hash and how many numbers it makes", encoder)
	}
	names, err := record.Folder{Path: dir}.List()
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	if slices.Contains(names, ManifestFile) {
		return nil, fmt.Errorf("index: %s: %w and holds an index: add to that, or choose another folder", dir, ErrExists)
	}
	if slices.ContainsFunc(names, func(name string) bool { return !strings.HasPrefix(name, ".") }) {
		return nil, fmt.Errorf("index: %s: %w: choose another folder", dir, ErrExists)
	}
	lock, err := record.Lock(dir)
	if err != nil {
		return nil, err
	}
	folder := record.Folder{Path: dir, FS: o.FS}
	if err := (manifest{Format: format, Encoder: encoder, Half: o.Half, Generation: 1}).write(folder); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return appendTo(folder, lock)
}

// Append opens the index in dir for writing, and keeps other writers out until
// Close. What a killed writer left incomplete is cut off.
func Append(dir string, o Options) (*Writer, error) {
	if _, err := readManifest(dir); err != nil {
		return nil, err
	}
	lock, err := record.Lock(dir)
	if err != nil {
		return nil, err
	}
	return appendTo(record.Folder{Path: dir, FS: o.FS}, lock)
}

func appendTo(folder record.Folder, lock io.Closer) (*Writer, error) {
	w := &Writer{folder: folder, lock: lock}
	if w.folder.FS == nil {
		w.folder.FS = record.OS{}
	}
	if err := w.open(); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func (w *Writer) open() error {
	x, err := Open(w.folder.Path)
	if err != nil {
		return err
	}
	w.manifest, w.last = x.manifest, x.last
	w.rows = make(map[string]int, x.Len())
	for row := range x.Rows() {
		if !x.Has(row) {
			continue
		}
		item, err := x.Item(row)
		if err != nil {
			return errors.Join(err, x.Close())
		}
		w.rows[item.Name] = row
	}
	if err := errors.Join(x.Close(), w.clean()); err != nil {
		return err
	}
	return w.begin(len(x.commits))
}

// begin opens the files that grow, cut off after so many commits.
func (w *Writer) begin(commits int) (err error) {
	sizes := w.last.sizes(w.manifest.rowBytes())
	for f, name := range fileNames() {
		if w.files[f], err = w.folder.FS.Append(w.manifest.path(w.folder.Path, name), sizes[f]); err != nil {
			return fmt.Errorf("index: %w", err)
		}
	}
	w.commits, err = w.folder.FS.Append(w.manifest.path(w.folder.Path, commitsName), int64(commits)*commitSize)
	if err == nil {
		err = w.folder.FS.SyncDir(w.folder.Path)
	}
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	return nil
}

// clean removes the files of other generations, which a killed process may have
// left.
func (w *Writer) clean() error {
	names, err := w.folder.List()
	if err != nil {
		return err
	}
	for _, name := range names {
		of, generation, grows := strings.Cut(name, "-")
		known := of == commitsName || slices.Contains(slices.Collect(eachName), of)
		if grows && known && generation != fmt.Sprint(w.manifest.Generation) || strings.HasPrefix(name, ".partial-") {
			if err := w.folder.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

func eachName(yield func(string) bool) {
	for _, name := range fileNames() {
		if !yield(name) {
			return
		}
	}
}

// Encoder is what made the rows, and must make those that are added.
func (w *Writer) Encoder() Encoder { return w.manifest.Encoder }

// Dir is the index's folder.
func (w *Writer) Dir() string { return w.folder.Path }

// Len is how many rows there are that are not removed.
func (w *Writer) Len() int { return len(w.rows) }

// Row is the row of a name.
func (w *Writer) Row(name string) (int, bool) {
	row, ok := w.rows[name]
	return row, ok
}

// Names are those of all rows that are not removed, in no order.
func (w *Writer) Names(yield func(name string) bool) {
	for name := range w.rows {
		if !yield(name) {
			return
		}
	}
}

// Add adds rows (n×Dim, row-major) with their items. When it has returned, they are
// on the disk; where it returns an error, none of them is. It refuses numbers that are
// not finite and names that are there.
func (w *Writer) Add(rows []float32, items []Item) error {
	dim := w.manifest.Encoder.Dim
	if len(rows) != len(items)*dim {
		return fmt.Errorf("index: %d numbers in %d rows of %d", len(rows), len(items), dim)
	}
	if w.last.Rows+uint64(len(items)) > math.MaxInt32 {
		return fmt.Errorf("index: more than %d rows", math.MaxInt32)
	}
	seen := make(map[string]bool, len(items))
	for i, it := range items {
		if err := it.check(); err != nil {
			return fmt.Errorf("index: %w", err)
		}
		if _, there := w.rows[it.Name]; there || seen[it.Name] {
			return fmt.Errorf("index: %q is there already: remove it first", it.Name)
		}
		seen[it.Name] = true
		for _, v := range rows[i*dim : (i+1)*dim] {
			if math.IsNaN(float64(v)) || math.Abs(float64(v)) > longestNumber {
				return fmt.Errorf("index: the embedding of %q has %v in it", it.Name, v)
			}
		}
	}
	if len(items) == 0 {
		return nil
	}
	next := w.last
	var pieces [grown][]byte
	pieces[rowsFile], pieces[squaresFile] = w.encode(rows, &next)
	for _, it := range items {
		name := append([]byte(it.Name), it.Group...)
		p := place{next.Names, next.Pictures, uint32(len(it.Name)), uint32(len(it.Group)), uint32(len(it.Picture)), sumOf(name, it.Picture)}
		pieces[placesFile] = p.append(pieces[placesFile])
		pieces[namesFile], pieces[picturesFile] = append(pieces[namesFile], name...), append(pieces[picturesFile], it.Picture...)
		next.Names, next.Pictures = next.Names+uint64(len(name)), next.Pictures+uint64(len(it.Picture))
	}
	first := int(w.last.Rows)
	next.Rows += uint64(len(items))
	if err := w.write(next, pieces); err != nil {
		return err
	}
	for i, it := range items {
		w.rows[it.Name] = first + i
	}
	return nil
}

// longestNumber keeps the squares of rows within float32; 16 bits hold less.
const longestNumber = 6e4

// encode returns the rows as they are stored, and what comes of their lengths.
func (w *Writer) encode(rows []float32, next *commit) (stored, squares []byte) {
	if w.manifest.Half {
		half := make([]uint16, len(rows))
		kernel.ToHalf(half, rows)
		stored, _ = binary.Append(nil, binary.LittleEndian, half)
		rows = slices.Clone(rows)
		kernel.FromHalf(rows, half)
	} else {
		stored, _ = binary.Append(nil, binary.LittleEndian, rows)
	}
	dim := w.manifest.Encoder.Dim
	halves := make([]float32, len(rows)/dim)
	next.Longest = max(next.Longest, eval.HalfSquares(halves, rows, dim))
	squares, _ = binary.Append(nil, binary.LittleEndian, halves)
	return stored, squares
}

// Remove removes rows by name: nobody's neighbours from then on, and off the disk
// with the next Compact. When it has returned, that is on the disk. It refuses names
// that are not there, and then removes none.
func (w *Writer) Remove(names ...string) error {
	var removed []byte
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		row, ok := w.rows[name]
		if !ok || seen[name] {
			return fmt.Errorf("index: there is no %q", name)
		}
		seen[name] = true
		removed = binary.LittleEndian.AppendUint64(removed, uint64(row))
	}
	if len(names) == 0 {
		return nil
	}
	next := w.last
	next.Removed += uint64(len(names))
	if err := w.write(next, [grown][]byte{removedFile: removed}); err != nil {
		return err
	}
	for _, name := range names {
		delete(w.rows, name)
	}
	return nil
}

// write puts the pieces on the disk, then the commit that says they are there.
func (w *Writer) write(next commit, pieces [grown][]byte) error {
	if w.failed != nil {
		return fmt.Errorf("index: an earlier write failed: open the index again: %w", w.failed)
	}
	for f, piece := range pieces {
		next.Sums[f] = castagnoli(piece)
		if len(piece) == 0 {
			continue
		}
		if err := put(w.files[f], piece); err != nil {
			return w.fail(err)
		}
	}
	if err := put(w.commits, next.encode()); err != nil {
		return w.fail(err)
	}
	w.last = next
	return nil
}

func (w *Writer) fail(err error) error {
	w.failed = err
	return fmt.Errorf("index: %s: %w", w.folder.Path, err)
}

func put(file record.File, b []byte) error {
	if _, err := file.Write(b); err != nil {
		return err
	}
	return file.Sync()
}

// Close lets other writers in.
func (w *Writer) Close() error {
	return errors.Join(w.closeFiles(), ignoreClosed(w.lock.Close()))
}

func (w *Writer) closeFiles() error {
	var errs []error
	for _, file := range append(w.files[:], w.commits) {
		if file != nil {
			errs = append(errs, ignoreClosed(file.Close()))
		}
	}
	return errors.Join(errs...)
}

func ignoreClosed(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}
