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

// Text is a text without the byte-order mark that programs of Windows begin it with, in UTF-8
// also where it is in UTF-16.
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
		return buffered, err
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return buffered, nil
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
