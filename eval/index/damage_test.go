package index

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestBadRowsAreRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	w := create(t, dir, Options{})
	rng := rand.New(rand.NewPCG(4, 6))
	rows, items := fill(rng, 0, 3)
	if err := w.Add(rows, items); err != nil {
		t.Fatal(err)
	}
	var zero float32
	for name, add := range map[string]func() error{
		"there already": func() error { return w.Add(rows, items) },
		"twice":         func() error { r, i := fill(rng, 9, 2); i[1].Name = i[0].Name; return w.Add(r, i) },
		"not finite":    func() error { r, i := fill(rng, 9, 2); r[3] = zero / zero; return w.Add(r, i) },
		"too large":     func() error { r, i := fill(rng, 9, 2); r[3] = 1e9; return w.Add(r, i) },
		"without name":  func() error { r, i := fill(rng, 9, 2); i[0].Name = ""; return w.Add(r, i) },
		"too short":     func() error { r, i := fill(rng, 9, 2); return w.Add(r[1:], i) },
		"not there":     func() error { return w.Remove(items[0].Name, "x") },
		"removed twice": func() error { return w.Remove(items[0].Name, items[0].Name) },
	} {
		if add() == nil {
			t.Errorf("%s: no error", name)
		}
	}
	same(t, open(t, dir), rows, items)
	if _, err := Create(dir, testEncoder(), Options{}); !errors.Is(err, ErrExists) {
		t.Errorf("made twice: %v", err)
	}
	if _, err := Append(dir, Options{}); err == nil {
		t.Error("two writers")
	}
	if _, err := Open(t.TempDir()); !errors.Is(err, ErrNone) {
		t.Errorf("an empty folder: %v", err)
	}
}

// Any byte that changes on the disk is found, when the index is opened or checked.
func TestDamageIsFound(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	dir := filepath.Join(t.TempDir(), "index")
	w := create(t, dir, Options{})
	for first := 0; first < 40; first += 10 {
		rows, items := fill(rng, first, 10)
		if err := w.Add(rows, items); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Remove("folder/3.png"), w.Close()); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "[a-z]*"))
	if err != nil || len(files) != grown+2 {
		t.Fatalf("files %v (%v)", files, err)
	}
	found := func() error {
		x, err := Open(dir)
		if err != nil {
			return err
		}
		if x.Incomplete() > 0 {
			err = errors.New("incomplete")
		}
		return errors.Join(err, x.Check(), x.Close())
	}
	if err := found(); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for range 40 {
			broken := slices.Clone(whole)
			switch rng.IntN(3) {
			case 0:
				broken = broken[:rng.IntN(len(broken))]
			default:
				broken[rng.IntN(len(broken))] ^= 1 << rng.IntN(8)
			}
			if err := os.WriteFile(file, broken, 0o644); err != nil {
				t.Fatal(err)
			}
			if found() != nil || bytes.Equal(broken, whole) {
				continue
			}
			if m, err := readManifest(dir); err != nil || m != w.manifest {
				t.Errorf("%s: damage was not found", filepath.Base(file))
			}
			if filepath.Base(file) != ManifestFile { // whose spaces say nothing
				t.Errorf("%s: %d bytes of %d: damage was not found", filepath.Base(file), len(broken), len(whole))
			}
		}
		if err := os.WriteFile(file, whole, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
