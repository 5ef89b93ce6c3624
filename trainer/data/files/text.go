package files

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
)

// maxText bounds a text of two bytes a letter.
const maxText = 1 << 28

// Text returns the text of r in UTF-8, from UTF-8 or UTF-16, without the byte-order mark, and
// with line feeds in place of lone carriage returns.
func Text(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReader(r)
	head, err := buffered.Peek(3)
	if err != nil && err != io.EOF {
		return nil, err
	}
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err := buffered.Discard(3)
		return oldLines{buffered}.reader(), err
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return oldLines{buffered}.reader(), nil
	}
	wide, err := io.ReadAll(io.LimitReader(buffered, maxText+1))
	if err != nil {
		return nil, err
	}
	if len(wide) > maxText {
		return nil, fmt.Errorf("a text in UTF-16 of more than %d MiB: save it in UTF-8", maxText>>20)
	}
	units := make([]uint16, len(wide)/2-1)
	for i := range units {
		units[i] = order.Uint16(wide[2*i+2:])
	}
	return strings.NewReader(string(utf16.Decode(units))), nil
}

// oldLines ends lines by a line feed that end by a carriage return alone, as programs of old Macs
// have it, and Excel where it is asked for their form.
type oldLines struct{ text *bufio.Reader }

// reader is the text itself where its beginning has a line feed, or no end of a line.
func (l oldLines) reader() io.Reader {
	const beginning = 1 << 12 // the least that a reader holds
	head, _ := l.text.Peek(beginning)
	if bytes.ContainsRune(head, '\n') || !bytes.ContainsRune(head, '\r') {
		return l.text
	}
	return l
}

// Read reads the text with other ends of lines.
func (l oldLines) Read(p []byte) (int, error) {
	n, err := l.text.Read(p)
	for i, b := range p[:n] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}
