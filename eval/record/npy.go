package record

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// writeNPY writes values in NumPy's format 1.0, which is a line of text and then
// the values; the libraries for it write float32 only in one dimension.
//
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
func writeNPY(w io.Writer, dtype string, shape []int, values any) error {
	var dims strings.Builder
	for _, n := range shape {
		fmt.Fprintf(&dims, "%d,", n)
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", dtype, dims.String())
	const preamble = 10 // magic, version, length
	header += strings.Repeat(" ", 63-(preamble+len(header))%64) + "\n"
	if _, err := fmt.Fprintf(w, "\x93NUMPY\x01\x00"); err != nil {
		return err
	}
	if err := binary.Write(w, binary.LittleEndian, uint16(len(header))); err != nil {
		return err
	}
	if _, err := io.WriteString(w, header); err != nil {
		return err
	}
	return binary.Write(w, binary.LittleEndian, values)
}
