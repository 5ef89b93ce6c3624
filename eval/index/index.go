package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math"
	"os"
	"sync"
	"unsafe"

	"github.com/edsrzf/mmap-go"

	"crossbatch/eval"
	"crossbatch/xbm/kernel"
)

// Index is an index as it was when it was opened. Any number of goroutines may
// use it. What is added or removed later, it does not see.
type Index struct {
	dir        string
	manifest   manifest
	commits    []commit
	incomplete int
	last       commit
	mapped     [grown]mmap.MMap

	gallery eval.Gallery // with the removed rows left out
	live    int
	removed []bool // by row; nil: none

	groups func() grouping
}

// Open opens the index in dir for reading. It looks at its commits and the sizes
// of its files, not at all their bytes, which [Index.Check] does.
func Open(dir string) (*Index, error) {
	m, err := readManifest(dir)
	for err == nil {
		x := &Index{dir: dir, manifest: m}
		x.groups = sync.OnceValue(x.readGroups)
		if err = x.open(); err == nil {
			return x, nil
		}
		err = errors.Join(fmt.Errorf("index: %s: %w", dir, err), x.Close())
		// A writer may have compacted it in between.
		now, errNow := readManifest(dir)
		if errNow != nil || now.Generation == m.Generation {
			return nil, err
		}
		m, err = now, nil
	}
	return nil, err
}

func (x *Index) open() error {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return errors.New("numbers of this processor begin with their largest byte, those of an index with their least")
	}
	b, err := os.ReadFile(x.manifest.path(x.dir, commitsName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if x.commits, x.incomplete, err = readCommits(b); err != nil {
		return err
	}
	if n := len(x.commits); n > 0 {
		x.last = x.commits[n-1]
	}
	sizes := x.last.sizes(x.manifest.rowBytes())
	for f, name := range fileNames() {
		var beyond int
		if x.mapped[f], beyond, err = mapFile(x.manifest.path(x.dir, name), sizes[f]); err != nil {
			return err
		}
		x.incomplete += beyond
	}
	n, dim := int(x.last.Rows), x.manifest.Encoder.Dim
	x.gallery = eval.Gallery{Dim: dim, HalfSquares: numbers[float32](x.mapped[squaresFile]), Longest: x.last.Longest}
	if x.manifest.Half {
		x.gallery.Half = numbers[uint16](x.mapped[rowsFile])
	} else {
		x.gallery.Rows = numbers[float32](x.mapped[rowsFile])
	}
	if x.gallery.HalfSquares == nil {
		x.gallery.HalfSquares = []float32{}
	}
	x.live = n - int(x.last.Removed)
	if x.last.Removed == 0 {
		return nil
	}
	x.removed = make([]bool, n)
	left := make([]float32, n)
	copy(left, x.gallery.HalfSquares)
	for _, row := range numbers[uint64](x.mapped[removedFile]) {
		if row >= uint64(n) || x.removed[row] {
			return fmt.Errorf("%w: row %d is removed, of %d rows", ErrCorrupt, row, n)
		}
		x.removed[row], left[row] = true, float32(math.Inf(-1))
	}
	x.gallery.HalfSquares = left
	return nil
}

// mapFile maps the first bytes of a file, and says how many more there are.
func mapFile(path string, size int64) (mapped mmap.MMap, beyond int, err error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && size == 0 {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	defer func() { _ = file.Close() }() // it was only read; the mapping stays
	info, err := file.Stat()
	if err != nil {
		return nil, 0, err
	}
	if info.Size() < size {
		return nil, 0, fmt.Errorf("%w: %s has %d bytes of %d", ErrCorrupt, info.Name(), info.Size(), size)
	}
	if size > 0 {
		mapped, err = mmap.MapRegion(file, int(size), mmap.RDONLY, 0, 0)
	}
	return mapped, int(info.Size() - size), err
}

// numbers is b as numbers of this processor. A mapping begins at a page.
func numbers[T any](b []byte) []T {
	if len(b) == 0 {
		return nil
	}
	var one T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(one)))
}

// Close gives the mapping back. Nothing that came from the index may be used
// afterwards but copies.
func (x *Index) Close() error {
	var errs []error
	for f := range x.mapped {
		if x.mapped[f] != nil {
			errs = append(errs, x.mapped[f].Unmap())
		}
	}
	x.gallery = eval.Gallery{}
	return errors.Join(errs...)
}

// Encoder is what made the rows, and must make the queries.
func (x *Index) Encoder() Encoder { return x.manifest.Encoder }

// Dir is its folder.
func (x *Index) Dir() string { return x.dir }

// Half tells that a number takes 16 bits.
func (x *Index) Half() bool { return x.manifest.Half }

// Rows is how many rows there are, removed ones among them. A row's number stays
// until the index is compacted.
func (x *Index) Rows() int { return int(x.last.Rows) }

// Len is how many rows there are that are not removed.
func (x *Index) Len() int { return x.live }

// Incomplete is how many bytes there are beyond the last commit: of one that a
// writer is at, or did not complete. They are no part of the index.
func (x *Index) Incomplete() int { return x.incomplete }

// Has tells whether a row is there and not removed.
func (x *Index) Has(row int) bool {
	return row >= 0 && row < x.Rows() && (x.removed == nil || !x.removed[row])
}

// Item is what a row is of. The picture lies in the mapping: it must not be
// changed.
func (x *Index) Item(row int) (Item, error) {
	if row < 0 || row >= x.Rows() {
		return Item{}, fmt.Errorf("index: row %d of %d", row, x.Rows())
	}
	p := decodePlace(x.mapped[placesFile][row*placeSize:])
	name, okName := slice(x.mapped[namesFile], p.name, p.nameBytes+p.groupBytes)
	picture, okPicture := slice(x.mapped[picturesFile], p.picture, p.pictureSize)
	if !okName || !okPicture || uint64(p.nameBytes)+uint64(p.groupBytes) != uint64(len(name)) || sumOf(name, picture) != p.sum {
		return Item{}, fmt.Errorf("index: %s: %w: what row %d is of does not fit its checksum", x.dir, ErrCorrupt, row)
	}
	return Item{Name: string(name[:p.nameBytes]), Group: string(name[p.nameBytes:]), Picture: picture}, nil
}

func sumOf(name, picture []byte) uint32 {
	return crc32.Update(castagnoli(name), crc32.MakeTable(crc32.Castagnoli), picture)
}

// Embedding stores a row in dst, of length Dim.
func (x *Index) Embedding(dst []float32, row int) error {
	dim := x.manifest.Encoder.Dim
	if row < 0 || row >= x.Rows() || len(dst) != dim {
		return fmt.Errorf("index: row %d of %d, %d numbers of %d", row, x.Rows(), len(dst), dim)
	}
	if x.manifest.Half {
		kernel.FromHalf(dst, x.gallery.Half[row*dim:(row+1)*dim])
	} else {
		copy(dst, x.gallery.Rows[row*dim:(row+1)*dim])
	}
	return nil
}
