package index

import (
	"bufio"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"crossbatch/eval/record"
)

// Format is a form in which rows are taken elsewhere.
type Format struct {
	Name  string
	About string // one line: what it makes, and what reads that
	Load  string // the lines that load it there, run in the folder of the files
	write func(*Index, record.Folder) error
}

// Help says, for people, what the format is and how it is loaded, indented.
func (f Format) Help() string {
	const indent = "\n              "
	return fmt.Sprintf("  %-9s %s%s%s", f.Name, f.About, indent, strings.ReplaceAll(f.Load, "\n", indent))
}

// Formats lists them.
func Formats() []Format {
	return []Format{
		{"npy", "embeddings.npy (float32, n×dim) and rows.csv (row, name, group): NumPy, and what reads its files",
			`python3 -c "import numpy; x = numpy.load('embeddings.npy', mmap_mode='r')"`, (*Index).exportNPY},
		{"csv", "index.csv: name, group, a column a number: spreadsheets, pandas, DuckDB",
			`duckdb -c "CREATE TABLE pictures AS FROM 'index.csv'" pictures.db`, (*Index).exportCSV},
		{"parquet", "index.parquet: name, group, embedding as a list of floats: DuckDB, pandas, Spark, LanceDB",
			`duckdb -c "CREATE TABLE pictures AS FROM 'index.parquet'" pictures.db`, (*Index).exportParquet},
		{"qdrant", "collection.json and points-0000.json, …: the Qdrant vector database",
			"curl -X PUT localhost:6333/collections/pictures -H 'content-type: application/json' --data @collection.json\n" +
				"for f in points-*.json; do curl -X PUT 'localhost:6333/collections/pictures/points?wait=true' -H 'content-type: application/json' --data-binary @$f; done", (*Index).exportQdrant},
		{"pgvector", "pictures.sql: PostgreSQL with the extension pgvector",
			"psql -v ON_ERROR_STOP=1 -f pictures.sql\n" +
				"psql -c 'CREATE INDEX ON pictures USING hnsw (embedding vector_l2_ops)'", (*Index).exportPGVector},
	}
}

// Export writes the rows that are not removed to the folder, in one of Formats.
func (x *Index) Export(format string, to record.Folder) error {
	var known []string
	for _, f := range Formats() {
		if f.Name == format {
			return f.write(x, to)
		}
		known = append(known, f.Name)
	}
	return fmt.Errorf("index: there is no format %q: give one of %s", format, strings.Join(known, ", "))
}

// Export writes the rows of the index in dir that are not removed to a folder, in one of
// Formats, and returns how many they are.
func Export(dir, format string, to record.Folder) (rows int, err error) {
	x, err := Open(dir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	return x.Len(), x.Export(format, to)
}

// each calls f for each row that is not removed, counted from 0.
func (x *Index) each(f func(number, row int, it Item, embedding []float32) error) error {
	room, number := make([]float32, x.Encoder().Dim), 0
	for row := range x.Rows() {
		if !x.Has(row) {
			continue
		}
		it, err := x.Item(row)
		if err != nil {
			return err
		}
		if err := x.Embedding(room, row); err != nil {
			return err
		}
		if err := f(number, row, it, room); err != nil {
			return err
		}
		number++
	}
	return nil
}

func (x *Index) exportNPY(to record.Folder) error {
	err := to.Write("rows.csv", func(w io.Writer) error {
		table := csv.NewWriter(w)
		err := table.Write([]string{"row", "name", "group"})
		return errors.Join(err, x.each(func(number, _ int, it Item, _ []float32) error {
			return table.Write([]string{strconv.Itoa(number), it.Name, it.Group})
		}), flushed(table))
	})
	return errors.Join(err, to.Write("embeddings.npy", func(w io.Writer) error {
		b := bufio.NewWriter(w)
		header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", x.Len(), x.Encoder().Dim)
		const preamble = 10 // magic, version, length
		header += strings.Repeat(" ", 63-(preamble+len(header))%64) + "\n"
		if _, err := fmt.Fprintf(b, "\x93NUMPY\x01\x00%s%s", binary.LittleEndian.AppendUint16(nil, uint16(len(header))), header); err != nil {
			return err
		}
		err := x.each(func(_, _ int, _ Item, embedding []float32) error {
			return binary.Write(b, binary.LittleEndian, embedding)
		})
		return errors.Join(err, b.Flush())
	}))
}

func flushed(table *csv.Writer) error {
	table.Flush()
	return table.Error()
}

func text(v float32) string { return strconv.FormatFloat(float64(v), 'g', -1, 32) }

func (x *Index) exportCSV(to record.Folder) error {
	return to.Write("index.csv", func(w io.Writer) error {
		table := csv.NewWriter(w)
		line := []string{"name", "group"}
		for c := range x.Encoder().Dim {
			line = append(line, "e"+strconv.Itoa(c))
		}
		err := table.Write(line)
		return errors.Join(err, x.each(func(_, _ int, it Item, embedding []float32) error {
			line[0], line[1] = it.Name, it.Group
			for c, v := range embedding {
				line[2+c] = text(v)
			}
			return table.Write(line)
		}), flushed(table))
	})
}

// qdrantPoints is how many points a request holds.
const qdrantPoints = 1000

func (x *Index) exportQdrant(to record.Folder) error {
	err := to.Write("collection.json", func(w io.Writer) error {
		return json.NewEncoder(w).Encode(map[string]any{"vectors": map[string]any{"size": x.Encoder().Dim, "distance": "Cosine"}})
	})
	if err != nil {
		return err
	}
	type payload struct {
		Name  string `json:"name"`
		Group string `json:"group"`
	}
	type point struct {
		ID      int       `json:"id"`
		Vector  []float32 `json:"vector"`
		Payload payload   `json:"payload"`
	}
	var points []point
	flush := func(number int) error {
		return to.Write(fmt.Sprintf("points-%04d.json", number), func(w io.Writer) error {
			err := json.NewEncoder(w).Encode(map[string]any{"points": points})
			points = points[:0]
			return err
		})
	}
	err = x.each(func(number, row int, it Item, embedding []float32) error {
		points = append(points, point{row, append([]float32(nil), embedding...), payload{it.Name, it.Group}})
		if len(points) == qdrantPoints {
			return flush(number / qdrantPoints)
		}
		return nil
	})
	if err == nil && len(points) > 0 {
		err = flush(x.Len() / qdrantPoints)
	}
	return err
}

func (x *Index) exportPGVector(to record.Folder) error {
	return to.Write("pictures.sql", func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "BEGIN;\nCREATE EXTENSION IF NOT EXISTS vector;\n"+
			"CREATE TABLE pictures (id bigint PRIMARY KEY, name text NOT NULL, \"group\" text NOT NULL, embedding vector(%d) NOT NULL);\n"+
			"COPY pictures (id, name, \"group\", embedding) FROM stdin;\n", x.Encoder().Dim)
		if err != nil {
			return err
		}
		escape := strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\x00", "")
		var line []byte
		err = x.each(func(_, row int, it Item, embedding []float32) error {
			line = strconv.AppendInt(line[:0], int64(row), 10)
			for _, s := range []string{it.Name, it.Group} {
				line = append(append(line, '\t'), escape.Replace(strings.ToValidUTF8(s, "\uFFFD"))...)
			}
			line = append(line, "\t["...)
			for c, v := range embedding {
				if c > 0 {
					line = append(line, ',')
				}
				line = strconv.AppendFloat(line, float64(v), 'g', -1, 32)
			}
			_, err := w.Write(append(line, "]\n"...))
			return err
		})
		if err != nil {
			return err
		}
		_, err = io.WriteString(w, "\\.\nCOMMIT;\n")
		return err
	})
}
