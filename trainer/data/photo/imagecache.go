package photo

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/edsrzf/mmap-go"

	"crossbatch/trainer/data/parallel"
)

// Cache reads images once and keeps them as they were stored: in memory, or in a file
// of a folder, named for what is in it. A file holds
//
//	magic     8 bytes
//	key       32 bytes, SHA-256 of the images' names, sizes, times and form
//	count     8 bytes, little-endian, and size, 8 bytes: of the pixels of each
//	pixels    count × size
//	notes     JSON: Notes
//	length    8 bytes, of the notes
//	checksum  4 bytes, CRC32C of all before
//
// A file that does not fit its name, length or checksum is made again. Files are not removed.
type Cache struct {
	Folder      string // "": in memory, or in the user's cache folder if the pixels exceed InMemory
	InMemory    int64  // bytes; more pixels than that stay in the file, which is mapped
	Count, Size int    // images, and bytes of each
	Read        func(i int, dst []uint8) (lost float64, err error)
	Blame       func(i int, err error) error // adds the name of image i to an error
	SkipBroken  bool                         // record broken images in Notes; else they are an error
	SkipKinds   bool                         // record images of a kind that is not read in Notes; else they are broken
	Progress    func(done, of int)           // nil: none is told

	hash hash.Hash
}

const cacheMagic = "XBMIMG2\n"

// cacheBlock is how many images are read before they are written.
const cacheBlock = 256

// Key adds to the key of the cache the name of an image and the numbers that its pixels depend
// on. Call it for each image, in order, before Load.
func (c *Cache) Key(name string, numbers ...int64) {
	if c.hash == nil {
		c.hash = sha256.New()
	}
	c.hash.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(name))))
	c.hash.Write([]byte(name))
	for _, n := range numbers {
		c.hash.Write(binary.LittleEndian.AppendUint64(nil, uint64(n)))
	}
}

// Pixels are the pixels of all images, one image after the other.
type Pixels struct {
	All   []uint8
	Close func() error // releases All, which cannot be used afterwards; nil: nothing to release
	Notes
}

// Notes are remarks about images besides their pixels. The keys of the maps are the images'
// indices.
type Notes struct {
	Broken map[int]string `json:"broken,omitempty"` // why images are, of those that are
	Kinds  map[int]string `json:"kinds,omitempty"`  // of images that are whole, and not read
	// Cut is the number of images of which a share of MuchCut or more is cut off.
	Cut int `json:"cut,omitempty"`
	// CutShare is the mean share that is cut off of these.
	CutShare float64 `json:"cut_share,omitempty"`
}

// MuchCut is the share of a photograph from which on a cut counts in Notes.Cut. A photograph
// of 3 × 2 that is cropped to a square loses less.
const MuchCut = 0.4

// Load returns the pixels: from the cache's file if it is valid, else by reading the images.
func (c *Cache) Load() (Pixels, error) {
	if c.Folder == "" && int64(c.Count)*int64(c.Size) <= c.InMemory {
		return c.readAll()
	}
	if c.Folder == "" {
		folder, err := os.UserCacheDir()
		if err != nil {
			return Pixels{}, fmt.Errorf("%d MiB of pixels are more than the %d that may lie in memory: name a folder for a cache", int64(c.Count)*int64(c.Size)>>20, c.InMemory>>20)
		}
		c.Folder = filepath.Join(folder, "xbm")
	}
	key := c.hash.Sum(nil)
	path := filepath.Join(c.Folder, hex.EncodeToString(key[:12])+".images")
	if p, err := c.open(path, key); err == nil {
		if len(p.Broken) > 0 && !c.SkipBroken {
			return Pixels{}, errors.New(p.Broken[slices.Min(slices.Collect(maps.Keys(p.Broken)))])
		}
		return p, nil
	}
	if err := c.make(path, key); err != nil {
		return Pixels{}, err
	}
	return c.open(path, key)
}

// readAll reads the images to memory.
func (c *Cache) readAll() (Pixels, error) {
	p := Pixels{All: make([]uint8, c.Count*c.Size)}
	for first := 0; first < c.Count; first += cacheBlock {
		end := min(first+cacheBlock, c.Count)
		if err := c.readSome(first, end, p.All[first*c.Size:end*c.Size], &p.Notes); err != nil {
			return Pixels{}, err
		}
	}
	return p, nil
}

// readSome reads the images [first, end) to dst, or notes what is broken.
func (c *Cache) readSome(first, end int, dst []uint8, notes *Notes) error {
	why, kinds, lost := make([]string, end-first), make([]string, end-first), make([]float64, end-first)
	err := parallel.Each(end-first, func(k int) error {
		pixels := dst[k*c.Size : (k+1)*c.Size]
		var err error
		if lost[k], err = c.Read(first+k, pixels); err == nil {
			return nil
		}
		clear(pixels)
		if unread, is := errors.AsType[NotRead](err); is && c.SkipKinds {
			kinds[k] = unread.Kind
			return nil
		}
		err = c.Blame(first+k, err)
		if !c.SkipBroken {
			return err
		}
		why[k] = err.Error()
		return nil
	})
	note := func(of *map[int]string, i int, what string) {
		if *of == nil {
			*of = map[int]string{}
		}
		(*of)[i] = what
	}
	for k := range why {
		switch {
		case why[k] != "":
			note(&notes.Broken, first+k, why[k])
		case kinds[k] != "":
			note(&notes.Kinds, first+k, kinds[k])
		case lost[k] >= MuchCut:
			notes.Cut++
			notes.CutShare += (lost[k] - notes.CutShare) / float64(notes.Cut)
		}
	}
	if c.Progress != nil {
		c.Progress(end, c.Count)
	}
	return err
}

// make writes the file, beside its place and then there.
func (c *Cache) make(path string, key []byte) (err error) {
	if err := os.MkdirAll(c.Folder, 0o755); err != nil {
		return fmt.Errorf("image cache: %w: name another folder", err)
	}
	f, err := os.CreateTemp(c.Folder, ".images-*")
	if err != nil {
		return fmt.Errorf("image cache: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()           // the first error says more
			_ = os.Remove(f.Name()) // as above
		}
	}()
	if err := c.write(f, key); err != nil {
		return err
	}
	if err = f.Sync(); err == nil {
		err = f.Close()
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("image cache %s: %w: make room, or name another folder", path, err)
	}
	return nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (c *Cache) write(f io.Writer, key []byte) error {
	sum := crc32.New(castagnoli)
	w := io.MultiWriter(f, sum)
	put := func(b []byte) error {
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("image cache in %s: %w: make room, or name another folder", c.Folder, err)
		}
		return nil
	}
	if err := put(c.head(key)); err != nil {
		return err
	}
	var about Notes
	block := make([]uint8, cacheBlock*c.Size)
	for first := 0; first < c.Count; first += cacheBlock {
		end := min(first+cacheBlock, c.Count)
		if err := c.readSome(first, end, block, &about); err != nil {
			return err
		}
		if err := put(block[:(end-first)*c.Size]); err != nil {
			return err
		}
	}
	notes, err := json.Marshal(about)
	if err != nil {
		return err
	}
	if err := put(binary.LittleEndian.AppendUint64(notes, uint64(len(notes)))); err != nil {
		return err
	}
	return put(binary.LittleEndian.AppendUint32(nil, sum.Sum32()))
}

// head is what a file begins with.
func (c *Cache) head(key []byte) []byte {
	head := append([]byte(cacheMagic), key...)
	head = binary.LittleEndian.AppendUint64(head, uint64(c.Count))
	return binary.LittleEndian.AppendUint64(head, uint64(c.Size))
}

// open takes the pixels from a file, or fails where it is not whole.
func (c *Cache) open(path string, key []byte) (Pixels, error) {
	file, err := os.Open(path)
	if err != nil {
		return Pixels{}, err
	}
	defer func() { _ = file.Close() }() // it was only read; a mapping outlives it
	mapped, err := mmap.Map(file, mmap.RDONLY, 0)
	if err != nil {
		return Pixels{}, err
	}
	notes, pixels, err := c.parse(mapped, key)
	if err != nil {
		return Pixels{}, errors.Join(err, mapped.Unmap())
	}
	if int64(len(pixels)) > c.InMemory {
		return Pixels{All: pixels, Notes: notes, Close: mapped.Unmap}, nil
	}
	return Pixels{All: bytes.Clone(pixels), Notes: notes}, mapped.Unmap()
}

var errCache = errors.New("image cache: not whole")

func (c *Cache) parse(file, key []byte) (Notes, []uint8, error) {
	head := c.head(key)
	const tail = 8 + 4
	end := len(head) + c.Count*c.Size
	if len(file) < end+tail || !bytes.HasPrefix(file, head) {
		return Notes{}, nil, errCache
	}
	whole := file[:len(file)-4]
	length := binary.LittleEndian.Uint64(whole[len(whole)-8:])
	if length != uint64(len(file)-tail-end) || crc32.Checksum(whole, castagnoli) != binary.LittleEndian.Uint32(file[len(whole):]) {
		return Notes{}, nil, errCache
	}
	var notes Notes
	if err := json.Unmarshal(file[end:len(file)-tail], &notes); err != nil {
		return Notes{}, nil, errCache
	}
	return notes, file[len(head):end:end], nil
}
