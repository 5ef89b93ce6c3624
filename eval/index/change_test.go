package index

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crossbatch/eval/record"
)

func TestRemoveCompactInfoAndExportOfAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	w := create(t, dir, Options{Half: true})
	rows, items := fill(rand.New(rand.NewPCG(1, 1)), 0, 40)
	for i := range items {
		items[i].Group = []string{"a", "a/b", "c"}[i%3]
	}
	if err := w.Add(rows, items); err != nil {
		t.Fatal(err)
	}
	if w.Dir() != dir {
		t.Errorf("it lies in %s, want %s", w.Dir(), dir)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Remove(dir, []string{items[2].Name, "none"}, nil, false); err == nil || !strings.Contains(err.Error(), `there is no "none"`) {
		t.Error(err)
	}
	if _, _, err := Remove(dir, nil, []string{"d"}, false); err == nil || !strings.Contains(err.Error(), `there is no group "d"`) {
		t.Error(err)
	}
	// Row 0 is of group a, too, and counts once.
	removed, left, err := Remove(dir, []string{items[0].Name, items[2].Name}, []string{"a"}, false)
	if err != nil || removed != 28 || left != 12 {
		t.Fatalf("%d removed and %d left, want 28 and 12: %v", removed, left, err)
	}
	i, err := ReadInfo(dir, true)
	if want := (Info{Checked: true, Encoder: testEncoder(), Groups: 1, Half: true, Removed: 28, Rows: 12}); err != nil || i != want {
		t.Errorf("%+v, want %+v: %v", i, want, err)
	}
	if want := "12 pictures in 1 groups, 20 numbers of 16 bits each; 28 removed\nencoder: a (0123456789ab…, 20 numbers)\nall of it fits its checksums\n"; i.Text() != want {
		t.Errorf("%q, want %q", i.Text(), want)
	}
	if err := Compact(dir); err != nil {
		t.Fatal(err)
	}
	if i, err := ReadInfo(dir, false); err != nil || i.Removed != 0 || i.Rows != 12 {
		t.Errorf("compacted: %+v: %v", i, err)
	}
	out := filepath.Join(t.TempDir(), "rows")
	if n, err := Export(dir, "csv", record.Folder{Path: out}); err != nil || n != 12 {
		t.Errorf("%d rows are exported: %v", n, err)
	}
	if _, err := os.Stat(filepath.Join(out, "index.csv")); err != nil {
		t.Error(err)
	}
	for _, do := range map[string]error{"compact": Compact(out), "export": func() error { _, err := Export(out, "csv", record.Folder{Path: out}); return err }()} {
		if do == nil || !strings.Contains(do.Error(), "there is no index") {
			t.Error(do)
		}
	}
}
