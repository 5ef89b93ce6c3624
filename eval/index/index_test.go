package index

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crossbatch/eval"
	"crossbatch/xbm/kernel"
)

const testDim = 20

func testEncoder() Encoder { return Encoder{Hash: "0123456789abcdef", Name: "a", Dim: testDim} }

// fill makes rows and their items, numbered from first on.
func fill(rng *rand.Rand, first, n int) ([]float32, []Item) {
	rows, items := make([]float32, n*testDim), make([]Item, n)
	for i := range rows {
		rows[i] = float32(rng.NormFloat64())
	}
	for i := range items {
		row := rows[i*testDim : (i+1)*testDim]
		kernel.Scale(row, 1/float32(kernel.SumSquares(row)), row)
		items[i] = Item{fmt.Sprintf("folder/%d.png", first+i), fmt.Sprint("group ", (first+i)%3), bytes.Repeat([]byte{byte(first + i)}, rng.IntN(40))}
	}
	return rows, items
}

func create(t *testing.T, dir string, o Options) *Writer {
	t.Helper()
	w, err := Create(dir, testEncoder(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func open(t *testing.T, dir string) *Index {
	t.Helper()
	x, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	if err := x.Check(); err != nil {
		t.Fatal(err)
	}
	return x
}

// same tells that an index holds these rows and no others, in this order.
func same(t *testing.T, x *Index, rows []float32, items []Item) {
	t.Helper()
	if x.Len() != len(items) {
		t.Fatalf("%d rows, want %d", x.Len(), len(items))
	}
	if x.Half() {
		half := make([]uint16, len(rows))
		kernel.ToHalf(half, rows)
		rows = make([]float32, len(rows))
		kernel.FromHalf(rows, half)
	}
	at, got := 0, make([]float32, testDim)
	for row := range x.Rows() {
		if !x.Has(row) {
			continue
		}
		item, err := x.Item(row)
		if err == nil {
			err = x.Embedding(got, row)
		}
		want := items[at]
		if err != nil || item.Name != want.Name || item.Group != want.Group || !bytes.Equal(item.Picture, want.Picture) {
			t.Fatalf("row %d is of %+v, want %+v (%v)", row, item, want, err)
		}
		if !slices.Equal(got, rows[at*testDim:(at+1)*testDim]) {
			t.Fatalf("row %d is %v, want %v", row, got, rows[at*testDim:])
		}
		at++
	}
}

func TestWhatIsAddedAndRemovedIsThere(t *testing.T) {
	for _, half := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "index")
		w := create(t, dir, Options{Half: half})
		same(t, open(t, dir), nil, nil)
		rng := rand.New(rand.NewPCG(3, 3))
		var rows []float32
		var items []Item
		for round := range 6 {
			more, its := fill(rng, 100*round, 1+rng.IntN(50))
			if err := w.Add(more, its); err != nil {
				t.Fatal(err)
			}
			rows, items = append(rows, more...), append(items, its...)
			var names []string
			for range rng.IntN(4) {
				i := rng.IntN(len(items))
				names = append(names, items[i].Name)
				rows, items = slices.Delete(rows, i*testDim, (i+1)*testDim), slices.Delete(items, i, i+1)
			}
			if err := w.Remove(names...); err != nil {
				t.Fatal(err)
			}
			if round == 3 {
				before := open(t, dir)
				if err := w.Compact(); err != nil {
					t.Fatal(err)
				}
				same(t, before, rows, items) // what is open stays
				if x := open(t, dir); x.Rows() != len(items) {
					t.Errorf("%d rows after compaction, want %d", x.Rows(), len(items))
				}
			}
			if round == 4 { // by another process
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				var err error
				if w, err = Append(dir, Options{}); err != nil {
					t.Fatal(err)
				}
				defer func() { _ = w.Close() }()
			}
			same(t, open(t, dir), rows, items)
		}
		// The rows lie as they are, for others to read.
		if !half {
			x := open(t, dir)
			raw, err := os.ReadFile(x.manifest.path(dir, "rows"))
			if err != nil || len(raw) != x.Rows()*testDim*4 {
				t.Errorf("%d bytes of rows (%v)", len(raw), err)
			}
		}
	}
}

func TestSearchIsThatOfEval(t *testing.T) {
	for _, half := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "index")
		w := create(t, dir, Options{Half: half})
		rng := rand.New(rand.NewPCG(4, 3))
		rows, items := fill(rng, 0, 300)
		copy(rows[7*testDim:8*testDim], rows[100*testDim:]) // a tie
		if err := errors.Join(w.Add(rows[:200*testDim], items[:200]), w.Add(rows[200*testDim:], items[200:])); err != nil {
			t.Fatal(err)
		}
		x := open(t, dir)
		queries := rows[90*testDim : 110*testDim]
		stored := slices.Clone(rows)
		if half {
			in16 := make([]uint16, len(rows))
			kernel.ToHalf(in16, rows)
			kernel.FromHalf(stored, in16)
		}
		got, err := x.Search(queries, 9, Filter{})
		if err != nil {
			t.Fatal(err)
		}
		err = eval.SearchGallery(queries, stored, testDim, 9, func(q int, nearest []int32) {
			for i, row := range nearest {
				if got[q][i].Row != int(row) {
					t.Errorf("half %v: neighbour %d of query %d is %d, want %d", half, i, q, got[q][i].Row, row)
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := got[0][0]; !half && (n.Row != 90 || n.Distance != 0 || n.Similarity != 1) {
			t.Errorf("a row itself: %+v", n)
		}
	}
}

func TestFiltersAndRemovedRowsAreLeftOut(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	w := create(t, dir, Options{})
	rows, items := fill(rand.New(rand.NewPCG(4, 5)), 0, 60)
	if err := errors.Join(w.Add(rows, items), w.Remove(items[4].Name, items[9].Name)); err != nil {
		t.Fatal(err)
	}
	x := open(t, dir)
	for _, f := range []Filter{{}, {Groups: []string{"group 1"}}, {NotGroups: []string{"group 0", "group 2"}}, {NotRows: []int{1, 7}}, {Groups: []string{"group 1", "group 2"}, NotRows: []int{1}}} {
		found, err := x.Search(rows[:testDim], 100, f)
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		lets := func(row int) bool {
			group := items[row].Group
			return x.Has(row) && (f.Groups == nil || slices.Contains(f.Groups, group)) && !slices.Contains(f.NotGroups, group) && !slices.Contains(f.NotRows, row)
		}
		for row := range items {
			if lets(row) {
				want++
			}
		}
		if len(found[0]) != want {
			t.Errorf("%+v: %d rows, want %d", f, len(found[0]), want)
		}
		for i, n := range found[0] {
			if !lets(n.Row) || i > 0 && n.Distance < found[0][i-1].Distance {
				t.Errorf("%+v: row %d at %d", f, n.Row, i)
			}
		}
	}
	if _, err := x.Search(rows[:testDim], 1, Filter{Groups: []string{"none"}}); err == nil {
		t.Error("a group that is not there")
	}
	names, sizes, err := x.Groups()
	if err != nil || !slices.Equal(names, []string{"group 0", "group 1", "group 2"}) || !slices.Equal(sizes, []int{19, 19, 20}) {
		t.Errorf("groups %v of %v (%v)", names, sizes, err)
	}
}

func TestAGroupHasThoseBelowIt(t *testing.T) {
	for group, want := range map[string]bool{"a": true, "a/b": true, "a/b/c": true, "ab": false, "b": false, "": false} {
		if isIn(group, []string{"a"}) != want {
			t.Errorf("%q in a: %v", group, !want)
		}
	}
}

func TestDuplicatesAreSorted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	w := create(t, dir, Options{})
	rows, items := fill(rand.New(rand.NewPCG(4, 6)), 0, 80)
	for _, p := range [][2]int{{3, 50}, {20, 10}, {70, 71}, {70, 72}} {
		copy(rows[p[1]*testDim:], rows[p[0]*testDim:(p[0]+1)*testDim])
	}
	rows[10*testDim] += 0.001
	if err := errors.Join(w.Add(rows, items), w.Remove(items[71].Name)); err != nil {
		t.Fatal(err)
	}
	x := open(t, dir)
	pairs, total, err := x.Duplicates(0.002, 100, Filter{})
	if err != nil || total != 3 || len(pairs) != 3 || pairs[0].A != 3 || pairs[0].B != 50 || pairs[1].A != 70 || pairs[1].B != 72 || pairs[2].A != 10 || pairs[2].B != 20 {
		t.Errorf("%d pairs: %+v (%v)", total, pairs, err)
	}
	if few, total, err := x.Duplicates(0.002, 1, Filter{}); err != nil || total != 3 || len(few) != 1 || few[0] != pairs[0] {
		t.Errorf("the first: %+v of %d (%v)", few, total, err)
	}
}

func TestAnotherEncoderIsRefused(t *testing.T) {
	e := testEncoder()
	if err := e.Accepts(e); err != nil {
		t.Error(err)
	}
	other := e
	other.Hash = "fedcba"
	if err := e.Accepts(other); !errors.Is(err, ErrEncoder) || !strings.Contains(err.Error(), "fedcba") {
		t.Error(err)
	}
}

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
