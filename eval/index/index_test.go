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
