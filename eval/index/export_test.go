package index

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/sbinet/npyio"

	"crossbatch/eval/record"
)

// What is exported reads back, in each format, but for the rows that were removed.
func TestExportsReadBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	w := create(t, dir, Options{})
	rows, items := fill(rand.New(rand.NewPCG(6, 6)), 0, 2003)
	items[1].Name = "a\tb\\c,\"d\"\n.png"
	if err := errors.Join(w.Add(rows, items), w.Remove(items[0].Name)); err != nil {
		t.Fatal(err)
	}
	x := open(t, dir)
	out := t.TempDir()
	for _, f := range Formats() {
		if err := x.Export(f.Name, record.Folder{Path: out}); err != nil {
			t.Fatal(f.Name, err)
		}
	}
	if err := x.Export("xlsx", record.Folder{Path: out}); err == nil || !strings.Contains(err.Error(), "npy") {
		t.Error(err)
	}
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	same := func(what string, i int, name string, embedding []float32) {
		t.Helper()
		for c, v := range embedding {
			if v != rows[i*testDim+c] {
				t.Fatalf("%s: row %d is %v", what, i, embedding)
			}
		}
		if name != items[i].Name || len(embedding) != testDim {
			t.Fatalf("%s: row %d is of %q", what, i, name)
		}
	}
	parse := func(words []string) (embedding []float32) {
		for _, s := range words {
			v, err := strconv.ParseFloat(s, 32)
			if err != nil {
				t.Fatal(err)
			}
			embedding = append(embedding, float32(v))
		}
		return embedding
	}

	table, err := csv.NewReader(strings.NewReader(read("index.csv"))).ReadAll()
	if err != nil || len(table) != 2003 {
		t.Fatalf("%d lines of csv (%v)", len(table), err)
	}
	for i, line := range table[1:] {
		same("csv", i+1, line[0], parse(line[2:]))
	}

	var all []float32
	names, err := csv.NewReader(strings.NewReader(read("rows.csv"))).ReadAll()
	if err == nil {
		err = npyio.Read(strings.NewReader(read("embeddings.npy")), &all)
	}
	if err != nil || len(all) != 2002*testDim {
		t.Fatalf("%d numbers of npy (%v)", len(all), err)
	}
	for i, line := range names[1:] {
		same("npy", i+1, line[1], all[i*testDim:(i+1)*testDim])
	}

	lines, err := parquet.ReadFile[parquetRow](filepath.Join(out, "index.parquet"))
	if err != nil || len(lines) != 2002 {
		t.Fatalf("%d rows of Parquet (%v)", len(lines), err)
	}
	for i, line := range lines {
		same("parquet", i+1, line.Name, line.Embedding)
	}

	at := 1
	for _, file := range []string{"points-0000.json", "points-0001.json", "points-0002.json"} {
		var request struct {
			Points []struct {
				ID      int
				Vector  []float32
				Payload struct{ Name string }
			}
		}
		if err := json.Unmarshal([]byte(read(file)), &request); err != nil {
			t.Fatal(err)
		}
		for _, p := range request.Points {
			if p.ID != at {
				t.Fatalf("point %d is at %d", p.ID, at)
			}
			same("qdrant", at, p.Payload.Name, p.Vector)
			at++
		}
	}
	if at != 2003 {
		t.Errorf("%d points", at)
	}

	at = 1
	unescape := strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n")
	for _, line := range strings.Split(read("pictures.sql"), "\n") {
		if words := strings.Split(line, "\t"); len(words) == 4 {
			same("pgvector", at, unescape.Replace(words[1]), parse(strings.Split(strings.Trim(words[3], "[]"), ",")))
			at++
		}
	}
	if at != 2003 {
		t.Errorf("%d lines of SQL", at)
	}
}
