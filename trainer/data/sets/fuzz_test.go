package sets

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/datatest"
	"crossbatch/trainer/data/files"
)

// checkSet checks what a listing promises of a set without pixels.
func checkSet(t *testing.T, l *listing) {
	t.Helper()
	set, err := l.set()
	if err != nil {
		return
	}
	if len(set.Files) != set.Len() || set.Classes() == 0 || int(set.Labels[set.Len()-1]) != set.Classes()-1 {
		t.Fatalf("%d images, %d files, %d classes", set.Len(), len(set.Files), set.Classes())
	}
	split, err := data.SplitClasses(set, 1, data.Fractions{})
	if err != nil {
		return
	}
	if err := split.Check(set); err != nil {
		t.Error(err)
	}
}

// The lists of every layout: arbitrary bytes make no panic, and no split whose parts have a
// class in common.
func FuzzLists(f *testing.F) {
	all := copies(f)
	for n, c := range all {
		if c.list != "" {
			f.Add(uint8(n), c.files[c.list])
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, list []byte) {
		c := all[int(n)%len(all)]
		if c.list == "" {
			return
		}
		all := map[string][]byte{}
		for name, content := range c.files {
			all[name] = content
		}
		all[c.list] = list
		for _, l := range layouts() {
			if l.name != c.spec {
				continue
			}
			listed, err := l.list(files.Of("archive", all))
			if err != nil {
				if strings.Contains(err.Error(), "\n") {
					t.Errorf("a message of several lines: %q", err)
				}
				return
			}
			checkSet(t, listed)
		}
	})
}

func FuzzCarsAnnotations(f *testing.F) {
	f.Add(datatest.Matlab{}.Structs("annotations", []string{"relative_im_path", "class"}, [][]any{{"1.jpg", 1.0}, {"2.jpg", 150.0}}))
	f.Fuzz(func(t *testing.T, file []byte) {
		if l, err := listCars(files.Of("archive", map[string][]byte{"cars_annos.mat": file})); err == nil && len(l.entries) > 0 {
			checkSet(t, l)
		}
	})
}

// Archives of arbitrary bytes.
func FuzzArchive(f *testing.F) {
	var zipped, tarred bytes.Buffer
	z, r := zip.NewWriter(&zipped), tar.NewWriter(&tarred)
	if w, err := z.Create("a/1.jpg"); err != nil {
		f.Fatal(err)
	} else if _, err := w.Write(datatest.JPEG(f, 1)); err != nil {
		f.Fatal(err)
	}
	if err := r.WriteHeader(&tar.Header{Name: "a/1.jpg", Typeflag: tar.TypeReg, Size: 3}); err != nil {
		f.Fatal(err)
	}
	if _, err := r.Write([]byte("abc")); err != nil {
		f.Fatal(err)
	}
	for _, c := range []io.Closer{z, r} {
		if err := c.Close(); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(true, zipped.Bytes())
	f.Add(false, tarred.Bytes())
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, isZip bool, content []byte) {
		name := filepath.Join(folder, "fuzz.tar")
		if isZip {
			name = filepath.Join(folder, "fuzz.zip")
		}
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
		_, _ = Load("folder:"+name, Options{Size: data.Size{Height: 4, Width: 4}, SkipBroken: true}) // must not panic
		_, _ = Load("omniglot:"+name, Options{})                                                     // "
	})
}

// memory is an archive of files in memory.
func memory(all map[string][]byte) *files.Source { return files.Of("archive", all) }
