package verification

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// Pair is a pair of rows, and whether both show the same class.
type Pair struct {
	A, B int32
	Same bool
}

// Rows says what a list of pairs may call the rows.
type Rows struct {
	Names  []string // of the rows, such as their files; nil: they have none
	Number int      // how many there are, where they have no names
}

// ReadPairs reads a list of pairs, one a line: two images, each by its name or by the
// number of its row, from 0, and before or after them 1 (true, yes) where they show
// the same and 0 (false, no) where not. Columns are parted by comma, semicolon, tab or, in
// lists without any, by spaces; a title line, empty lines and lines that begin with #
// are passed over. Where no line says what is the same, judged is false. The list of
// Labeled Faces in the Wild is read, too: NAME NUMBER NUMBER for two images of a
// person, NAME NUMBER NAME NUMBER for those of two.
//
// An error names the line.
func ReadPairs(r io.Reader, rows Rows) (pairs []Pair, judged bool, err error) {
	lines, err := readLines(r)
	if err != nil {
		return nil, false, fmt.Errorf("verification: pairs: %w", err)
	}
	l := &list{number: rows.Number, names: rows.names()}
	if pairs, judged, err = l.read(lines); err != nil {
		return nil, false, fmt.Errorf("verification: pairs: %w", err)
	}
	return pairs, judged, nil
}

func (r Rows) names() map[string]int32 {
	if r.Names == nil {
		return nil
	}
	places := make(map[string]int32, 2*len(r.Names))
	for i, name := range r.Names {
		name = clean(name)
		places[name] = int32(i)
		// Lists name images without their ending, too.
		bare := strings.TrimSuffix(name, path.Ext(name))
		if _, taken := places[bare]; !taken {
			places[bare] = int32(i)
		}
	}
	return places
}

func clean(name string) string { return path.Clean(strings.ReplaceAll(name, `\`, "/")) }

// line is one of the list that says something.
type line struct {
	number int // from 1
	words  []string
}

func readLines(r io.Reader) ([]line, error) {
	var lines []line
	scanner := bufio.NewScanner(r)
	var separator rune
	for n := 1; scanner.Scan(); n++ {
		text := scanner.Bytes()
		if n == 1 {
			text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
		}
		if text = bytes.TrimSpace(text); len(text) == 0 || text[0] == '#' {
			continue
		}
		if len(lines) == 0 {
			separator = separatorOf(string(text))
		}
		words := strings.Fields(string(text))
		if separator != ' ' {
			columns := csv.NewReader(bytes.NewReader(text))
			columns.Comma, columns.TrimLeadingSpace, columns.LazyQuotes = separator, true, true
			var err error
			if words, err = columns.Read(); err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
			for i, w := range words {
				words[i] = strings.TrimSpace(w)
			}
		}
		lines = append(lines, line{n, words})
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("after line %d: %w", len(lines), err)
	}
	return lines, nil
}

func separatorOf(text string) rune {
	for _, c := range "\t,;" {
		if strings.ContainsRune(text, c) {
			return c
		}
	}
	return ' '
}

// list reads lines into pairs.
type list struct {
	number int
	names  map[string]int32
}

func (l *list) read(lines []line) (pairs []Pair, judged bool, err error) {
	if isFaces(lines) {
		pairs, err = l.faces(lines)
		return pairs, true, err
	}
	if len(lines) > 0 && l.isTitle(lines[0]) {
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return nil, false, errors.New("there are none: give a line A,B,1 or A,B,0 for each")
	}
	width := len(lines[0].words)
	if width != 2 && width != 3 {
		return nil, false, fmt.Errorf("line %d has %d columns: give two images, and 1 or 0 for the same or not", lines[0].number, width)
	}
	verdict := 2
	if width == 3 {
		// Where both ends could be it, as rows 0 and 1 could, it is the last.
		if at, ok := firstOther(lines, 2); !ok {
			if _, ok := firstOther(lines, 0); !ok {
				return nil, false, fmt.Errorf("line %d: neither its first column nor its last is 1 or 0 (true or false, yes or no), for the same or not", at)
			}
			verdict = 0
		}
	}
	for _, x := range lines {
		if len(x.words) != width {
			return nil, false, fmt.Errorf("line %d has %d columns and those before it %d", x.number, len(x.words), width)
		}
		p, images := Pair{}, x.words[:2]
		if width == 3 {
			p.Same, _ = verdictOf(x.words[verdict])
		}
		if verdict == 0 {
			images = x.words[1:]
		}
		if p.A, err = l.row(images[0]); err == nil {
			p.B, err = l.row(images[1])
		}
		if err == nil && p.A == p.B {
			err = fmt.Errorf("%.100q is paired with itself: that says nothing", images[0])
		}
		if err != nil {
			return nil, false, fmt.Errorf("line %d: %w", x.number, err)
		}
		pairs = append(pairs, p)
	}
	return pairs, width == 3, nil
}

// firstOther tells whether a column says 1 or 0 throughout, and else where not.
func firstOther(lines []line, column int) (number int, all bool) {
	for _, x := range lines {
		if len(x.words) <= column {
			return x.number, false
		}
		if _, ok := verdictOf(x.words[column]); !ok {
			return x.number, false
		}
	}
	return 0, true
}

func verdictOf(word string) (same, ok bool) {
	switch strings.ToLower(word) {
	case "1", "true", "yes":
		return true, true
	case "0", "false", "no":
		return false, true
	}
	return false, false
}

// isTitle tells of a line whose words are neither images nor verdicts.
func (l *list) isTitle(x line) bool {
	for _, w := range x.words {
		_, verdict := verdictOf(w)
		_, number := strconv.Atoi(w)
		if _, err := l.row(w); err == nil || verdict || number == nil || strings.ContainsAny(w, "./\\") {
			return false
		}
	}
	return true
}

func (l *list) row(word string) (int32, error) {
	if l.names != nil {
		if row, ok := l.names[clean(word)]; ok {
			return row, nil
		}
		return 0, fmt.Errorf("there is no image %.100q", word)
	}
	n, err := strconv.Atoi(word)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%.100q is no number of a row, and the rows have no names", word)
	case n < 0 || n >= l.number:
		return 0, fmt.Errorf("there is no row %d: they go from 0 to %d", n, l.number-1)
	}
	return int32(n), nil
}

// isFaces tells of the list of Labeled Faces in the Wild: a first line of one or two
// numbers, and no line of two columns after it.
func isFaces(lines []line) bool {
	for i, x := range lines {
		switch {
		case i == 0:
			for _, w := range x.words {
				if _, err := strconv.Atoi(w); err != nil || len(x.words) > 2 {
					return false
				}
			}
		case len(x.words) != 3 && len(x.words) != 4:
			return false
		}
	}
	return len(lines) > 1
}

func (l *list) faces(lines []line) ([]Pair, error) {
	pairs := make([]Pair, 0, len(lines)-1)
	for _, x := range lines[1:] {
		w := x.words
		p := Pair{Same: len(w) == 3}
		if p.Same {
			w = []string{w[0], w[1], w[0], w[2]}
		}
		for i, to := range []*int32{&p.A, &p.B} {
			number, err := strconv.Atoi(w[2*i+1])
			if err != nil {
				return nil, fmt.Errorf("line %d: %.100q is no number of an image", x.number, w[2*i+1])
			}
			if *to, err = l.row(fmt.Sprintf("%s/%s_%04d", w[2*i], w[2*i], number)); err != nil {
				return nil, fmt.Errorf("line %d: %w", x.number, err)
			}
		}
		pairs = append(pairs, p)
	}
	return pairs, nil
}
