package photo

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"crossbatch/trainer/data/datatest"
)

// counted is a cache of images whose pixels count up from their number, of which some are broken.
func counted(folder string, count int, broken ...int) *Cache {
	c := &Cache{
		Folder: folder, InMemory: 1 << 20, Count: count, Size: 7,
		Read: func(i int, dst []uint8) (float64, error) {
			if slices.Contains(broken, i) {
				return 0, errors.New("torn")
			}
			for k := range dst {
				dst[k] = uint8(i + k)
			}
			return 0, nil
		},
		Blame: func(_ int, err error) error { return err },
	}
	for i := range count {
		c.Key("image", int64(i))
	}
	return c
}

func loadCache(t *testing.T, c *Cache) Pixels {
	t.Helper()
	p, err := c.Load()
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.Count {
		for k, v := range p.All[i*c.Size : (i+1)*c.Size] {
			if want := uint8(i + k); v != want && p.Broken[i] == "" || v != 0 && p.Broken[i] != "" {
				t.Fatalf("image %d: %v", i, p.All[i*c.Size:(i+1)*c.Size])
			}
		}
	}
	if len(p.All) != c.Count*c.Size {
		t.Fatalf("%d pixels", len(p.All))
	}
	t.Cleanup(func() {
		if p.Close == nil {
			return
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// only is the one file of a folder.
func only(t *testing.T, folder string) string {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files in the cache (%v), want 1", len(files), err)
	}
	return filepath.Join(folder, files[0].Name())
}

func TestImagesAreReadOnce(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "cache", "deep")
	for _, inMemory := range []int64{1 << 20, 1} { // held, and mapped
		for pass, want := range []int{600, 0} {
			c := counted(folder, 600)
			c.InMemory = inMemory
			read := c.Read
			var reads atomic.Int64
			c.Read = func(i int, dst []uint8) (float64, error) {
				reads.Add(1)
				return read(i, dst)
			}
			told := 0
			c.Progress = func(done, _ int) { told = done }
			p := loadCache(t, c)
			if inMemory == 1 {
				want = 0 // the file is there from before
			}
			if int(reads.Load()) != want || (p.Close != nil) != (inMemory == 1) || told != want {
				t.Errorf("pass %d: %d images were read and %d told of, want %d; mapped %v", pass, reads.Load(), told, want, p.Close != nil)
			}
		}
	}
	only(t, folder)
	// Other images have another file.
	c := counted(folder, 600)
	c.Key("one more", 1)
	loadCache(t, c)
	if files, _ := os.ReadDir(folder); len(files) != 2 {
		t.Errorf("%d files in the cache, want 2", len(files))
	}
}

// Whatever is wrong with a cache's file, it is made again.
func TestDamagedCachesAreMadeAgain(t *testing.T) {
	folder := t.TempDir()
	c := counted(folder, 3)
	loadCache(t, c)
	path := only(t, folder)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damage := [][]byte{nil, []byte("short"), append(slices.Clone(whole), 0)}
	for n := range whole {
		flipped := slices.Clone(whole)
		flipped[n] ^= 4
		damage = append(damage, flipped, whole[:n])
	}
	for n, content := range damage {
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		c := counted(folder, 3)
		loadCache(t, c)
		if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, whole) {
			t.Fatalf("damage %d: the file is not as before (%v)", n, err)
		}
	}
}

// A cache that was made with broken images left out is an error for who wants none.
func TestBrokenImagesInACache(t *testing.T) {
	folder := t.TempDir()
	c := counted(folder, 5, 1, 3)
	if _, err := c.Load(); err == nil || err.Error() != "torn" {
		t.Errorf("broken images: %v", err)
	}
	if files, _ := os.ReadDir(folder); len(files) != 0 {
		t.Errorf("%v are left of a cache that was not made", files)
	}
	for range 2 {
		c = counted(folder, 5, 1, 3)
		c.SkipBroken = true
		if p := loadCache(t, c); len(p.Broken) != 2 || p.Broken[1] != "torn" || p.Broken[3] != "torn" {
			t.Errorf("broken: %v", p.Broken)
		}
	}
	c = counted(folder, 5, 1, 3)
	if _, err := c.Load(); err == nil || err.Error() != "torn" {
		t.Errorf("broken images of a cache: %v", err)
	}
}

// Without a folder only what is larger than memory has a file, in the user's own.
func TestWhereCachesAre(t *testing.T) {
	own := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", own)
	t.Setenv("HOME", own)
	c := counted("", 5)
	if p := loadCache(t, c); p.Close != nil {
		t.Error("a small set is mapped")
	}
	if files, _ := os.ReadDir(own); len(files) != 0 {
		t.Errorf("a small set left %v", files)
	}
	c = counted("", 5)
	c.InMemory = 34
	if p := loadCache(t, c); p.Close == nil {
		t.Error("a large set is in memory")
	}
	found := 0
	_ = filepath.WalkDir(own, func(_ string, entry fs.DirEntry, err error) error {
		if !entry.IsDir() {
			found++
		}
		return err
	})
	if found != 1 {
		t.Errorf("a large set left %d files", found)
	}
	if err := os.WriteFile(filepath.Join(own, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	c = counted(filepath.Join(own, "file", "below"), 5)
	_, err := c.Load()
	datatest.Line(t, "no folder", err, "image cache", "name another folder")
}

func FuzzImageCache(f *testing.F) {
	folder := f.TempDir()
	c := counted(folder, 3, 1)
	c.SkipBroken = true
	if _, err := c.Load(); err != nil {
		f.Fatal(err)
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(folder, files[0].Name()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:40])
	key := c.hash.Sum(nil)
	f.Fuzz(func(t *testing.T, file []byte) {
		if _, pixels, err := c.parse(file, key); err == nil && len(pixels) != c.Count*c.Size {
			t.Errorf("%d pixels", len(pixels))
		}
	})
}
