package data

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
)

// imageCache reads images once and keeps them as they were stored: in memory, or in a file
// of a folder, named for what is in it. A file holds
//
//	magic     8 bytes
//	key       32 bytes, SHA-256 of the images' names, sizes, times and form
//	count     8 bytes, little-endian, and size, 8 bytes: of the pixels of each
//	pixels    count × size
//	notes     JSON: why images are broken, by number
//	length    8 bytes, of the notes
//	checksum  4 bytes, CRC32C of all before
//
// A file that does not fit its name, length or checksum is made again. Files are not removed.
type imageCache struct {
	folder      string // "": in memory, or the user's own where that is too little
	inMemory    int64  // pixels beyond stay in the file and are mapped
	count, size int    // images, and bytes of each
	read        func(i int, dst []uint8) error
	blame       func(i int, err error) error
	skipBroken  bool
	progress    func(done, of int)

	hash hash.Hash
}

const cacheMagic = "XBMIMG1\n"

// cacheBlock is how many images are read before they are written.
const cacheBlock = 256

// key takes in an image's name and whatever its pixels depend on.
func (c *imageCache) key(name string, numbers ...int64) {
	if c.hash == nil {
		c.hash = sha256.New()
	}
	c.hash.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(name))))
	c.hash.Write([]byte(name))
	for _, n := range numbers {
		c.hash.Write(binary.LittleEndian.AppendUint64(nil, uint64(n)))
	}
}

// load fills the set's pixels and returns why images are broken, of those that are.
func (c *imageCache) load(set *Set) (map[int]string, error) {
	if c.folder == "" && int64(c.count)*int64(c.size) <= c.inMemory {
		return c.readAll(set)
	}
	if c.folder == "" {
		folder, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("%d MiB of pixels are more than the %d that may lie in memory: name a folder for a cache", int64(c.count)*int64(c.size)>>20, c.inMemory>>20)
		}
		c.folder = filepath.Join(folder, "xbm")
	}
	key := c.hash.Sum(nil)
	path := filepath.Join(c.folder, hex.EncodeToString(key[:12])+".images")
	if broken, err := c.open(path, key, set); err == nil {
		if len(broken) > 0 && !c.skipBroken {
			return nil, errors.New(broken[slices.Min(slices.Collect(maps.Keys(broken)))])
		}
		return broken, nil
	}
	if err := c.make(path, key); err != nil {
		return nil, err
	}
	return c.open(path, key, set)
}

// readAll reads the images to memory.
func (c *imageCache) readAll(set *Set) (map[int]string, error) {
	set.Pixels = make([]uint8, c.count*c.size)
	broken := map[int]string{}
	for first := 0; first < c.count; first += cacheBlock {
		end := min(first+cacheBlock, c.count)
		if err := c.readSome(first, end, set.Pixels[first*c.size:end*c.size], broken); err != nil {
			return nil, err
		}
	}
	return broken, nil
}

// readSome reads the images [first, end) to dst, or notes what is broken.
func (c *imageCache) readSome(first, end int, dst []uint8, broken map[int]string) error {
	why := make([]string, end-first)
	err := parallel(end-first, func(k int) error {
		pixels := dst[k*c.size : (k+1)*c.size]
		if err := c.read(first+k, pixels); err != nil {
			err = c.blame(first+k, err)
			if !c.skipBroken {
				return err
			}
			clear(pixels)
			why[k] = err.Error()
		}
		return nil
	})
	for k, w := range why {
		if w != "" {
			broken[first+k] = w
		}
	}
	if c.progress != nil {
		c.progress(end, c.count)
	}
	return err
}

// make writes the file, beside its place and then there.
func (c *imageCache) make(path string, key []byte) (err error) {
	if err := os.MkdirAll(c.folder, 0o755); err != nil {
		return fmt.Errorf("image cache: %w: name another folder", err)
	}
	f, err := os.CreateTemp(c.folder, ".images-*")
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

func (c *imageCache) write(f io.Writer, key []byte) error {
	sum := crc32.New(castagnoli)
	w := io.MultiWriter(f, sum)
	put := func(b []byte) error {
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("image cache in %s: %w: make room, or name another folder", c.folder, err)
		}
		return nil
	}
	if err := put(c.head(key)); err != nil {
		return err
	}
	broken := map[int]string{}
	block := make([]uint8, cacheBlock*c.size)
	for first := 0; first < c.count; first += cacheBlock {
		end := min(first+cacheBlock, c.count)
		if err := c.readSome(first, end, block, broken); err != nil {
			return err
		}
		if err := put(block[:(end-first)*c.size]); err != nil {
			return err
		}
	}
	notes, err := json.Marshal(broken)
	if err != nil {
		return err
	}
	if err := put(binary.LittleEndian.AppendUint64(notes, uint64(len(notes)))); err != nil {
		return err
	}
	return put(binary.LittleEndian.AppendUint32(nil, sum.Sum32()))
}

// head is what a file begins with.
func (c *imageCache) head(key []byte) []byte {
	head := append([]byte(cacheMagic), key...)
	head = binary.LittleEndian.AppendUint64(head, uint64(c.count))
	return binary.LittleEndian.AppendUint64(head, uint64(c.size))
}

// open takes the pixels from a file, or fails where it is not whole.
func (c *imageCache) open(path string, key []byte, set *Set) (map[int]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read; a mapping outlives it
	mapped, err := mmap.Map(file, mmap.RDONLY, 0)
	if err != nil {
		return nil, err
	}
	broken, pixels, err := c.parse(mapped, key)
	if err != nil {
		return nil, errors.Join(err, mapped.Unmap())
	}
	if int64(len(pixels)) > c.inMemory {
		set.Pixels, set.close = pixels, mapped.Unmap
		return broken, nil
	}
	set.Pixels = bytes.Clone(pixels)
	return broken, mapped.Unmap()
}

var errCache = errors.New("image cache: not whole")

func (c *imageCache) parse(file, key []byte) (map[int]string, []uint8, error) {
	head := c.head(key)
	const tail = 8 + 4
	end := len(head) + c.count*c.size
	if len(file) < end+tail || !bytes.HasPrefix(file, head) {
		return nil, nil, errCache
	}
	whole := file[:len(file)-4]
	length := binary.LittleEndian.Uint64(whole[len(whole)-8:])
	if length != uint64(len(file)-tail-end) || crc32.Checksum(whole, castagnoli) != binary.LittleEndian.Uint32(file[len(whole):]) {
		return nil, nil, errCache
	}
	var broken map[int]string
	if err := json.Unmarshal(file[end:len(file)-tail], &broken); err != nil {
		return nil, nil, errCache
	}
	return broken, file[len(head):end:end], nil
}
