package features

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/sbinet/npyio"

	"crossbatch/xbm/kernel"
)

// maxNumbers bounds an array that is read.
const maxNumbers = 1 << 31

// array is a .npy file's content, row-major.
type array struct {
	shape []int
	count int    // values
	kind  string // of value, as NumPy writes it, without order and length
	size  int    // of a value, in bytes
	order binary.ByteOrder
	body  []byte // count × size
}

// npySizes are the kinds of number that are read, without their byte order, with their sizes.
func npySizes() map[string]int {
	return map[string]int{"f2": 2, "f4": 4, "f8": 8, "i1": 1, "i2": 2, "i4": 4, "i8": 8, "u1": 1, "u2": 2, "u4": 4, "u8": 8, "b1": 1}
}

// parseNPY reads an array in NumPy's format: of numbers, or of texts. The library reads the
// header; of its values it reads few kinds, and makes copies. No more is allocated than the
// file is long, but for an array whose columns lie together, which is copied.
func parseNPY(content []byte) (a array, err error) {
	defer func() {
		// The library panics on some damaged headers.
		if r := recover(); r != nil {
			err = fmt.Errorf("%v: no .npy file, or damaged", r)
		}
	}()
	if !npyHeaderFits(content) { // the library would make room for what it claims
		return a, errors.New("no .npy file, or cut short")
	}
	file := bytes.NewReader(content)
	r, err := npyio.NewReader(file)
	if err != nil {
		return a, fmt.Errorf("%w: no .npy file, or damaged", err)
	}
	a.shape, a.kind, a.count = r.Header.Descr.Shape, r.Header.Descr.Type, 1
	for _, n := range a.shape {
		if n < 0 || n > maxNumbers || a.count > maxNumbers/max(1, n) {
			return a, fmt.Errorf("an array of shape %v is too large", a.shape)
		}
		a.count *= n
	}
	if err := a.takeKind(a.kind); err != nil {
		return a, err
	}
	a.body = content[len(content)-file.Len():]
	if len(a.body)/a.size < a.count {
		return a, fmt.Errorf("%d bytes for %d values of kind %s: cut short", len(a.body), a.count, r.Header.Descr.Type)
	}
	if r.Header.Descr.Fortran && len(a.shape) > 1 {
		if len(a.shape) > 2 {
			return a, fmt.Errorf("an array of shape %v whose columns lie together: want at most two dimensions", a.shape)
		}
		a.body = transposed(a.body, a.shape[0], a.shape[1], a.size)
	}
	return a, nil
}

// takeKind sets the kind of values, their order and size.
func (a *array) takeKind(kind string) error {
	a.order = binary.LittleEndian
	plain := strings.TrimLeft(kind, "<>=|")
	if strings.HasPrefix(kind, ">") {
		a.order = binary.BigEndian
	}
	a.kind = plain
	if a.size = npySizes()[plain]; a.size > 0 {
		return nil
	}
	for letter, width := range map[string]int{"U": 4, "S": 1, "a": 1} {
		length, isText := strings.CutPrefix(plain, letter)
		if n, err := strconv.Atoi(length); isText && err == nil && n > 0 && n <= 1<<16 {
			a.kind, a.size = letter, width*n
			return nil
		}
	}
	switch {
	case plain == "O":
		return errors.New("objects of Python, which are not read: save numbers, or texts by numpy.array(labels, dtype=str)")
	case strings.HasPrefix(plain, "c"):
		return fmt.Errorf("values of kind %q, complex numbers: want real ones", kind)
	case strings.HasPrefix(plain, "V"), strings.HasPrefix(plain, "["):
		return fmt.Errorf("values of kind %q, which NumPy itself does not know: save it as float32", kind)
	}
	return fmt.Errorf("values of kind %q: want numbers or texts of the usual kinds", kind)
}

// transposed is the content of an array whose columns lie together, row by row.
func transposed(body []byte, rows, columns, size int) []byte {
	straight := make([]byte, rows*columns*size)
	for i := range rows {
		for k := range columns {
			copy(straight[(i*columns+k)*size:][:size], body[(k*rows+i)*size:])
		}
	}
	return straight
}

// npyHeaderFits tells whether the header is as long as it says.
func npyHeaderFits(content []byte) bool {
	if len(content) < 12 {
		return false
	}
	if content[6] == 1 { // the version
		return 10+int(binary.LittleEndian.Uint16(content[8:])) <= len(content)
	}
	return 12+int64(binary.LittleEndian.Uint32(content[8:])) <= int64(len(content))
}

// squeeze leaves out dimensions of one, as the pooling of a network leaves them, until there are
// so many: from the end, and of the first the last.
func (a *array) squeeze(dimensions int) {
	for k := len(a.shape) - 1; k >= 0 && len(a.shape) > dimensions; k-- {
		if a.shape[k] == 1 {
			a.shape = slices.Delete(slices.Clone(a.shape), k, k+1)
		}
	}
}

func (a array) isText() bool { return a.kind == "U" || a.kind == "S" || a.kind == "a" }

// number is value i; of a text, NaN.
func (a array) number(i int) float64 {
	b, order := a.body[i*a.size:(i+1)*a.size], a.order
	switch a.kind {
	case "f2":
		var wide [1]float32
		kernel.FromHalf(wide[:], []uint16{order.Uint16(b)})
		return float64(wide[0])
	case "f4":
		return float64(math.Float32frombits(order.Uint32(b)))
	case "f8":
		return math.Float64frombits(order.Uint64(b))
	case "i1":
		return float64(int8(b[0]))
	case "i2":
		return float64(int16(order.Uint16(b)))
	case "i4":
		return float64(int32(order.Uint32(b)))
	case "i8":
		return float64(int64(order.Uint64(b)))
	case "u1", "b1":
		return float64(b[0])
	case "u2":
		return float64(order.Uint16(b))
	case "u4":
		return float64(order.Uint32(b))
	case "u8":
		return float64(order.Uint64(b))
	}
	return math.NaN()
}

// text is value i, without the zeros that fill it up.
func (a array) text(i int) string {
	b := a.body[i*a.size : (i+1)*a.size]
	if a.kind != "U" {
		return strings.TrimRight(string(b), "\x00")
	}
	var runes []rune
	for ; len(b) > 0; b = b[4:] {
		runes = append(runes, rune(a.order.Uint32(b)))
	}
	return strings.TrimRight(string(runes), "\x00")
}
