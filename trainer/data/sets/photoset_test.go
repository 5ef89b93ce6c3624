package sets

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/datatest"
)

// A whole set, once from its files and once from the cache, which needs them no longer but for
// their names and times.
func TestASetFromItsCache(t *testing.T) {
	for _, c := range copies(t) {
		if c.spec != "sop" {
			continue
		}
		root, folder := datatest.Tree(t, c.files), t.TempDir()
		load := func(o Options) *data.Set {
			set, err := Load("sop:"+root, o)
			if err != nil {
				t.Fatal(err)
			}
			return set
		}
		plain := load(Options{Size: data.Size{Height: 8, Width: 8}})
		for _, inMemory := range []int64{0, 1} {
			set := load(Options{Size: data.Size{Height: 8, Width: 8}, Cache: folder, InMemory: inMemory})
			if !bytes.Equal(set.Pixels, plain.Pixels) {
				t.Error("the cache has other pixels")
			}
			if err := set.Close(); err != nil {
				t.Error(err)
			}
		}
		load(Options{Size: data.Size{Height: 9, Width: 9}, Cache: folder})
		if files, _ := os.ReadDir(folder); len(files) != 2 {
			t.Errorf("two sizes left %d files", len(files))
		}
		// An image that has changed is read again.
		name := filepath.Join(root, c.imageName())
		if err := os.WriteFile(name, datatest.JPEG(t, 99), 0o644); err != nil {
			t.Fatal(err)
		}
		if set := load(Options{Size: data.Size{Height: 8, Width: 8}, Cache: folder}); bytes.Equal(set.Pixels, plain.Pixels) {
			t.Error("an image that has changed comes from the cache")
		}
	}
}
