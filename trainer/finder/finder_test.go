package finder

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crossbatch/eval/index"
	"crossbatch/trainer"
	"crossbatch/trainer/run"
)

// smallRun is the folder of a run of two steps, on letters.
func smallRun(t *testing.T) string { return trained(t, trainer.Default()) }

func trained(t *testing.T, c trainer.Config) string {
	t.Helper()
	if c.Data.Set == "glyphs" {
		c.Data.Set = "glyphs-small"
	}
	c.Steps, c.Watch.ValidateEvery, c.Memory.Size = 2, 2, "0"
	dir := filepath.Join(t.TempDir(), "run")
	var s run.Session
	if _, err := s.Train(t.Context(), run.Job{Config: c, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func model(t *testing.T, dir string) *run.Model {
	t.Helper()
	c, err := run.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	m, err := new(run.Session).Saved(dir, c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// photographs makes a folder per class of JPEG, of sizes that are not square.
func photographs(t *testing.T) string {
	t.Helper()
	root, rng := t.TempDir(), rand.New(rand.NewPCG(1, 1))
	for class := range 12 {
		for k := range 4 {
			picture := image.NewRGBA(image.Rect(0, 0, 50+rng.IntN(60), 50+rng.IntN(60)))
			for i := range picture.Rect.Dx() * picture.Rect.Dy() {
				picture.SetRGBA(i%picture.Rect.Dx(), i/picture.Rect.Dx(), color.RGBA{uint8(20 * class), uint8(i), uint8(rng.IntN(256)), 255})
			}
			var b bytes.Buffer
			err := jpeg.Encode(&b, picture, nil)
			dir := filepath.Join(root, fmt.Sprintf("class%02d", class))
			if err = errors.Join(err, os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, fmt.Sprint(k, ".jpg")), b.Bytes(), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root
}

// A picture is the same row whether it comes from a set, from a folder or alone, for
// networks that see a part of it, all of it, or letters.
func TestAPictureIsOneRow(t *testing.T) {
	root := photographs(t)
	for name, change := range map[string]func(*trainer.Config){
		"cropped from a margin": func(c *trainer.Config) { c.Data.Augment = "photo" },
		"no margin":             func(c *trainer.Config) { c.Data.Augment = "none" },
		"squeezed":              func(c *trainer.Config) { c.Data.Resize = "squeeze" },
		"high":                  func(c *trainer.Config) { c.Data.ImageSize.Height, c.Data.ImageSize.Width = 48, 32 },
	} {
		t.Run(name, func(t *testing.T) {
			c := trainer.Default()
			c.Data.Set, c.Data.ImageSize.Height, c.Data.ImageSize.Width = "folder:"+root, 32, 32
			c.Network.Width, c.Network.Dim, c.Batch.Size = 4, 8, 8
			change(&c)
			dir := trained(t, c)
			e, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			m := model(t, dir)
			all, err := m.Part(run.PartAll)
			if err != nil {
				t.Fatal(err)
			}
			want, err := m.Embed(t.Context(), all)
			if err != nil {
				t.Fatal(err)
			}
			s, err := OpenSource(root, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, thumbnails, err := e.Pictures(s)
			if err = errors.Join(err, s.Close()); err != nil || len(thumbnails) != len(all) {
				t.Fatal(err)
			}
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("number %d is %v, want %v", i, got[i], want[i])
				}
			}
			if names := NamesOf(m.Set()); names[5] != s.Items[5].Name || s.Items[5].Group != "class01" {
				t.Errorf("%q and %q of %q", names[5], s.Items[5].Name, s.Items[5].Group)
			}
		})
	}
}

// A small picture of a letter in an index, white on black, and the same as ink on paper, are
// that letter.
func TestLettersAreReadEitherWay(t *testing.T) {
	dir := smallRun(t)
	e, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	m := model(t, dir)
	set := m.Set()
	want := make([]float32, e.Numbers())
	for _, i := range []int{0, 700, 2100} {
		set.Batch(want, []int{i})
		white, err := thumbnail(set.Image(i), true)
		if err != nil {
			t.Fatal(err)
		}
		inked := image.NewGray(image.Rect(0, 0, set.Width, set.Height))
		for k := range inked.Pix {
			r, _, _, _ := set.Image(i).At(k%set.Width, k/set.Width).RGBA()
			inked.Pix[k] = 255 - uint8(r>>8)
		}
		black, err := thumbnail(inked, true)
		if err != nil {
			t.Fatal(err)
		}
		for name, content := range map[string][]byte{"white on black": white, "black on white": black} {
			got := make([]float32, e.Numbers())
			if err := e.Read(got, content); err != nil || !slices.Equal(got, want) {
				t.Errorf("image %d, %s, is another (%v)", i, name, err)
			}
		}
	}
}

// The hash is that of what embeddings depend on: of the index's copy as of the run, and
// another after a change of a weight.
func TestTheCopyIsTheEncoder(t *testing.T) {
	dir := smallRun(t)
	e, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(t.TempDir(), "index")
	w, err := index.Create(at, e.Identity(), index.Options{})
	if err = errors.Join(err, e.Keep(dir, at), w.Close()); err != nil {
		t.Fatal(err)
	}
	kept, err := Open(at)
	if err != nil || kept.Identity() != e.Identity() {
		t.Fatalf("the copy is %v, want %v (%v)", kept.Identity(), e.Identity(), err)
	}
	e.net.State(func(_ string, _ []int, value, _ []float32) { value[0]++ })
	c, err := run.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if hash, err := e.hash(c); err != nil || hash == kept.Identity().Hash {
		t.Errorf("other weights have the same hash (%v)", err)
	}
}

func TestSources(t *testing.T) {
	root := t.TempDir()
	for name, content := range map[string]string{
		"a/b/1.jpg": "x", "2.PNG": "x", ".hidden.jpg": "x", "notes.txt": "a/b/1.jpg\n\n  2.PNG \n", "a/strange": "\xff\xd8\xff and so on", "a/other": "x",
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := OpenSource(root, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range s.Items {
		got = append(got, p.Name+" of "+p.Group)
	}
	if want := []string{"2.PNG of ", "a/b/1.jpg of a/b", "a/strange of a"}; !slices.Equal(got, want) || s.LeftOut != 3 { // the hidden one too
		t.Errorf("pictures %q, want %q; %d left out", got, want, s.LeftOut)
	}
	for _, list := range []struct {
		where string
		text  string
	}{{filepath.Join(root, "notes.txt"), ""}, {"-", "x/y/z.jpg\nw.png"}} {
		s, err := OpenSource(list.where, strings.NewReader(list.text))
		if err != nil || len(s.Items) != 2 {
			t.Errorf("%s: %v (%v)", list.where, s, err)
		}
	}
	for data, want := range map[string]int{"images:" + root: 3, "": 2, "glyphs": -1} {
		var paths []string
		if data == "" {
			paths = []string{"a.png", "b.png"}
		}
		s, err := picturesOf(data, paths, nil)
		if err != nil || (s == nil) != (want < 0) || s != nil && len(s.Items) != want {
			t.Errorf("%q: %v (%v)", data, s, err)
		}
	}
	for _, data := range []string{"images:" + root, "images:"} {
		paths := []string{"a.png"}
		if data == "images:" {
			paths = nil
		}
		if _, err := picturesOf(data, paths, nil); err == nil {
			t.Errorf("%q and %q", data, paths)
		}
	}
	if _, err := OpenSource(filepath.Join(root, "none"), nil); err == nil {
		t.Error("a folder that is not there")
	}
}
