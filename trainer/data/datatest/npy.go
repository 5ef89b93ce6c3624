package datatest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

// NPY returns a file as numpy.save writes it. values is a slice of numbers.
func NPY(t testing.TB, kind string, fortran string, values any, shape ...int) []byte {
	t.Helper()
	dims := ""
	for _, n := range shape {
		dims += fmt.Sprintf("%d, ", n)
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }", kind, fortran, dims)
	header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
	var b bytes.Buffer
	b.WriteString("\x93NUMPY\x01\x00")
	for _, part := range []any{uint16(len(header)), []byte(header), values} {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}
