package index

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"crossbatch/eval"
	"crossbatch/xbm/kernel"
)

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
