package finder

import (
	"bytes"
	"errors"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crossbatch/eval/index"
	"crossbatch/eval/verification"
	"crossbatch/trainer"
)

// An index of photographs finds each of them, and a copy of one as a duplicate.
func TestSearchAndDuplicates(t *testing.T) {
	root, c := photographs(t), trainer.Default()
	c.Data.Set, c.Data.ImageSize.Height, c.Data.ImageSize.Width = "folder:"+root, 16, 16
	c.Network.Width, c.Network.Dim, c.Batch.Size = 4, 8, 8
	dir, at := trained(t, c), filepath.Join(t.TempDir(), "index")
	e, w, err := Create(at, dir, index.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenSource(root, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.ToIndex(t.Context(), w, s, Adding{})
	if err = errors.Join(err, s.Close(), w.Close()); err != nil || r.Added != 48 || r.Rows != 48 || r.Index != at {
		t.Fatalf("%+v: %v", r, err)
	}
	if text := r.Text(); !strings.HasPrefix(text, "48 pictures added, ") || !strings.HasSuffix(text, "/s; 48 are in "+at+"\n") {
		t.Error(text)
	}
	photo := filepath.Join(root, "class03", "2.jpg")
	if e, w, err = Append(at, ""); err != nil {
		t.Fatal(err)
	}
	r, err = e.Add(t.Context(), w, Pictures{Files: []string{photo, "none.jpg"}}, Adding{Prefix: "again/"})
	if err = errors.Join(err, w.Close()); err != nil || r.Added != 1 || len(r.Broken) != 1 || !strings.Contains(r.Text(), ", 1 could not be read; 49 are in") {
		t.Fatalf("%+v: %v", r, err)
	}

	if w := r.Warnings(); len(w) != 1 || !strings.HasPrefix(w[0], "left out: again/none.jpg: ") {
		t.Error(w)
	}
	if w := (Report{Broken: make([]string, 8)}).Warnings(); len(w) != 6 || w[5] != "and 3 more" {
		t.Error(w)
	}

	x, err := index.Open(at)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = x.Close() }()
	content, err := os.ReadFile(photo)
	if err != nil {
		t.Fatal(err)
	}
	found, err := e.Search(x, Queries([]string{photo, "-"}, bytes.NewReader(content)), 2, index.Filter{}, 0.9999)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range found.Queries {
		if len(a.Neighbors) != 2 || a.Neighbors[0].Name != "class03/2.jpg" || a.Neighbors[1].Name != "again/"+photo || a.Neighbors[0].Group != "class03" {
			t.Errorf("%s: %+v", a.Query, a.Neighbors)
		}
	}
	if found.Queries[1].Query != "standard input" || found.Index != at || found.Encoder != e.Identity().Hash {
		t.Errorf("%+v", found)
	}
	for text, want := range map[string]float64{"": 0.25, "-1": -1, "0.8": 0.8} {
		if least, err := Least(text, x, 0.25); err != nil || least != want {
			t.Errorf("%q is %v, want %v: %v", text, least, want, err)
		}
	}
	if _, err := Least("validation", x, 0); !errors.Is(err, ErrNoThreshold) {
		t.Error(err)
	}
	if _, err := Least("2", x, 0); err == nil || !strings.Contains(err.Error(), "give the least similarity") {
		t.Error(err)
	}
	none, err := e.Search(x, Files([]string{photo}), 2, index.Filter{Groups: []string{"class05"}}, 1)
	if err != nil || !strings.Contains(none.Text(), "\n  nothing is as near as that\n") {
		t.Errorf("%s: %v", none.Text(), err)
	}

	d, err := FindDuplicates(x, 0.999999, 1, index.Filter{})
	if err != nil || d.Total < 1 || len(d.Pairs) != 1 || d.Pairs[0].Similarity < 0.999999 {
		t.Fatalf("%+v: %v", d, err)
	}
	if d.Total > 1 != strings.Contains(d.Text("all"), "the nearest 1 are listed (all)") {
		t.Error(d.Text("all"))
	}
	if text := (Duplicates{Least: 0.5}).Text(""); text != "no two pictures have a similarity of 0.5 or more\n" {
		t.Error(text)
	}
	for name, sheet := range map[string]func(*bytes.Buffer) error{
		"found":      func(b *bytes.Buffer) error { return found.Sheet(b) },
		"duplicates": func(b *bytes.Buffer) error { return d.Sheet(b) },
	} {
		var b bytes.Buffer
		err := sheet(&b)
		if err == nil {
			_, err = png.Decode(&b)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := Create(at, dir, index.Options{}); !errors.Is(err, index.ErrExists) {
		t.Error(err)
	}
}

func TestThresholdText(t *testing.T) {
	text := Threshold{Decision: verification.Decision{Threshold: 0.75, TAR: 0.9, FAR: 0.0125}}.Text()
	if want := "a similarity of 0.7500 or more: accepts 90.0 % of the validation pairs of one class and 1.25 % of those of two\n"; text != want {
		t.Errorf("%q, want %q", text, want)
	}
}
