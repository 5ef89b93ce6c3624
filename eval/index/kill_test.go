package index

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"crossbatch/eval/record"
)

// adderVariable makes of this test's binary a process that adds to the index that
// it names, says what has been acknowledged, and compacts now and then.
const adderVariable = "XBM_INDEX_ADDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(adderVariable); dir != "" {
		if err := addForever(dir); err != nil {
			fmt.Println("error:", err)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// addedRow is the row of a number, so that anybody can tell what it must be.
func addedRow(number int) []float32 {
	row, _ := fill(rand.New(rand.NewPCG(uint64(number), 1)), number, 1)
	return row
}

const addedBatch = 7

func addForever(dir string) error {
	w, err := Append(dir, Options{})
	if err != nil {
		return err
	}
	next := 0
	for name := range w.Names {
		number, err := strconv.Atoi(strings.TrimSuffix(name, ".png"))
		if err != nil {
			return err
		}
		next = max(next, number+1)
	}
	for ; ; next += addedBatch {
		var rows []float32
		var items []Item
		for k := range addedBatch {
			rows = append(rows, addedRow(next+k)...)
			items = append(items, Item{Name: fmt.Sprint(next+k, ".png"), Picture: make([]byte, 1000)})
		}
		if err := w.Add(rows, items); err != nil {
			return err
		}
		fmt.Println("added", next)
		if next/addedBatch%4 == 3 { // one of the batch goes again
			if err := w.Remove(items[2].Name); err != nil {
				return err
			}
			fmt.Println("removed", next+2)
		}
		if next/addedBatch%16 == 15 {
			if err := w.Compact(); err != nil {
				return err
			}
			fmt.Println("compacted", next)
		}
	}
}

// An index that is killed while it is written to opens, holds whole batches only,
// and all that was acknowledged. XBM_KILLS says how often.
func TestKilledWhileAdding(t *testing.T) {
	kills := 10
	if testing.Short() {
		kills = 3
	}
	if text := os.Getenv("XBM_KILLS"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(t.TempDir(), "index")
	if err := create(t, dir, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	added, removed, torn := -addedBatch, map[int]bool{}, 0
	for range kills {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), adderVariable+"="+dir)
		out, err := c.StdoutPipe()
		if err == nil {
			err = c.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Duration(30+rng.IntN(200))*time.Millisecond, func() { _ = c.Process.Kill() })
		for lines := bufio.NewScanner(out); lines.Scan(); {
			what, text, _ := strings.Cut(lines.Text(), " ")
			number, err := strconv.Atoi(text)
			switch {
			case err != nil:
				t.Fatal(lines.Text())
			case what == "added":
				added = number
			case what == "removed":
				removed[number] = true
			}
		}
		_, _ = io.Copy(io.Discard, out)
		_ = c.Wait() // it was killed
		x := open(t, dir)
		if x.Incomplete() > 0 {
			torn++
		}
		numbers := map[int]bool{}
		got := make([]float32, testDim)
		most := -1
		for row := range x.Rows() {
			if !x.Has(row) {
				continue
			}
			item, err := x.Item(row)
			if err == nil {
				err = x.Embedding(got, row)
			}
			if err != nil {
				t.Fatal(err)
			}
			number, _ := strconv.Atoi(strings.TrimSuffix(item.Name, ".png"))
			numbers[number], most = true, max(most, number)
			if want := addedRow(number); fmt.Sprint(got) != fmt.Sprint(want) || len(item.Picture) != 1000 {
				t.Fatalf("row %d is not what was added as %s", row, item.Name)
			}
		}
		if (most+1)%addedBatch != 0 || most < added+addedBatch-1 || most > added+2*addedBatch-1 {
			t.Fatalf("rows up to %d, and %d was the last acknowledged", most, added+addedBatch-1)
		}
		added = most + 1 - addedBatch
		for number := range most + 1 {
			switch there := numbers[number]; {
			case there && removed[number]:
				t.Fatalf("%d was removed and is there", number)
			case !there && !removed[number] && number%addedBatch != 2:
				t.Fatalf("%d was added and is not there", number)
			case !there && number%addedBatch == 2:
				removed[number] = true // the removal was on the disk, and not yet told
			}
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("killed %d times: %d rows, %d removed, %d torn commits", kills, added+addedBatch, len(removed), torn)
}

// faulty lets the write of a given number fail, and all after it, as a disk does
// that is full, after half of what was to be written.
type faulty struct {
	record.OS
	left *int
}

var errFull = errors.New("no space left")

func (f faulty) Append(path string, size int64) (record.File, error) {
	file, err := f.OS.Append(path, size)
	return faultyFile{file, f.left}, err
}

type faultyFile struct {
	record.File
	left *int
}

func (f faultyFile) Write(b []byte) (int, error) {
	if *f.left--; *f.left < 0 {
		n, _ := f.File.Write(b[:len(b)/2])
		return n, errFull
	}
	return f.File.Write(b)
}

func (f faultyFile) Sync() error {
	if *f.left--; *f.left < 0 {
		return errFull
	}
	return nil
}

// Whatever write fails, the index is as it was before, and can be added to.
func TestAFullDiskLosesNothing(t *testing.T) {
	for fails := range 20 {
		dir := filepath.Join(t.TempDir(), "index")
		w := create(t, dir, Options{})
		rng := rand.New(rand.NewPCG(1, 2))
		rows, items := fill(rng, 0, 5)
		if err := errors.Join(w.Add(rows, items), w.Close()); err != nil {
			t.Fatal(err)
		}
		left := fails
		w, err := Append(dir, Options{FS: faulty{left: &left}})
		if err != nil {
			t.Fatal(err)
		}
		more, its := fill(rng, 5, 4)
		err = w.Add(more, its)
		if full := err != nil; full {
			if !errors.Is(err, errFull) || w.Add(more, its) == nil {
				t.Fatalf("after %d: %v", fails, err)
			}
		}
		if err == nil {
			rows, items = append(rows, more...), append(items, its...)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		x := open(t, dir)
		if x.Len() == len(items)+len(its) { // all of it was written, but for the last word
			rows, items = append(rows, more...), append(items, its...)
		}
		same(t, x, rows, items)
		if w, err = Append(dir, Options{}); err != nil {
			t.Fatal(err)
		}
		last, it := fill(rng, 100, 2)
		if err := errors.Join(w.Add(last, it), w.Close()); err != nil {
			t.Fatal(err)
		}
		same(t, open(t, dir), append(rows, last...), append(items, it...))
	}
}
