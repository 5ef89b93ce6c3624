package features

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"crossbatch/trainer/data/files"
)

// Table is a text of rows and columns. The first row may have the titles of the columns. It is
// read as people save it: separated by commas, semicolons or tabs, in UTF-8 or UTF-16, with
// any line ends, with spaces around values.
type Table struct {
	Name   string   // of the file
	Titles []string // of the columns, in small letters; nil if the first row has no known title
	Rows   [][]string
	Lines  []int // line number of each row in the file, from 1
}

// Column returns the values of the column with the first of these titles that the table has;
// nil if it has none.
func (t *Table) Column(titles ...string) []string {
	for _, title := range titles {
		if n := slices.Index(t.Titles, title); n >= 0 {
			return t.At(n)
		}
	}
	return nil
}

// At returns the values of a column, from 0, as a new slice.
func (t *Table) At(column int) []string {
	values := make([]string, len(t.Rows))
	for i, row := range t.Rows {
		values[i] = row[column]
	}
	return values
}

// Names that columns have, in small letters, with what they are for: those of the product's own
// files, then the field's.

// LabelTitles lists the titles of a column of classes.
func LabelTitles() []string {
	return []string{"label", "labels", "class", "class_id", "classid", "class_name", "target", "targets", "identity", "id", "pid", "person_id", "vehicle_id", "vehicleid", "item_id", "category", "y"}
}

// PathTitles lists the titles of a column of image files.
func PathTitles() []string {
	return []string{"path", "file", "filename", "file_name", "filepath", "file_path", "image", "image_path", "image_name", "img", "img_path", "name"}
}

// SplitTitles lists the titles of a column of parts of a split.
func SplitTitles() []string {
	return []string{"split", "part", "partition", "subset", "set", "evaluation_status"}
}

// CameraTitles lists the titles, in small letters, of a column of cameras, in order of
// preference.
func CameraTitles() []string {
	return []string{"camera", "cam", "camid", "cam_id", "camera_id", "cameraid"}
}

// GroupTitles lists the titles of a column of groups: images that were taken together.
func GroupTitles() []string { return []string{"group", "track", "tracklet", "sequence"} }

// QueryTitles lists the titles of a column that says whether an image is a query.
func QueryTitles() []string { return []string{"query", "is_query", "isquery"} }

// maxTable bounds a table's bytes.
const maxTable = 1 << 30

// ReadTable reads a table from a file.
func ReadTable(path string) (*Table, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, files.Bare(err))
	}
	defer func() { _ = file.Close() }() // it was only read
	table, err := parseTable(file)
	if err != nil {
		return nil, fmt.Errorf("%s, %w", path, err)
	}
	table.Name = path
	return table, nil
}

// parseTable is ReadTable of a content. Its errors begin with the line.
func parseTable(file io.Reader) (*Table, error) {
	text, err := files.Text(io.LimitReader(file, maxTable))
	if err != nil {
		return nil, fmt.Errorf("line 1: %w", err)
	}
	buffered := bufio.NewReaderSize(text, 1<<16)
	head, err := buffered.Peek(1 << 16)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("line 1: %w", err)
	}
	line, _, _ := strings.Cut(strings.TrimLeft(string(head), "\r\n"), "\n")
	r := csv.NewReader(buffered)
	r.Comma = separator(line)
	r.TrimLeadingSpace = r.Comma != '\t'
	table := &Table{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			table.takeTitles()
			return table, nil
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			return nil, fmt.Errorf("line %d: %w", bad.Line, bad.Err)
		}
		if err != nil {
			return nil, err
		}
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		number, _ := r.FieldPos(0)
		table.Rows = append(table.Rows, row)
		table.Lines = append(table.Lines, number)
	}
}

// takeTitles makes the first row the titles, if it has one that is known and that does not
// come again below it.
func (t *Table) takeTitles() {
	if len(t.Rows) == 0 {
		return
	}
	known := slices.Concat(LabelTitles(), PathTitles(), SplitTitles(), CameraTitles(), GroupTitles(), QueryTitles())
	for column, title := range t.Rows[0] {
		if !slices.Contains(known, strings.ToLower(title)) || slices.Contains(t.At(column)[1:], title) {
			continue
		}
		for _, title := range t.Rows[0] {
			t.Titles = append(t.Titles, strings.ToLower(title))
		}
		t.Rows, t.Lines = t.Rows[1:], t.Lines[1:]
		return
	}
}

// separator is what stands between the columns of a line: the most frequent.
func separator(line string) rune {
	best, most := ',', strings.Count(line, ",")
	for _, r := range ";\t" {
		if n := strings.Count(line, string(r)); n > most {
			best, most = r, n
		}
	}
	return best
}
