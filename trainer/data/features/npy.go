package features

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/sbinet/npyio"

	"crossbatch/trainer/data/files"
	"crossbatch/xbm/kernel"
)

// maxNumbers bounds an array that is read.
const maxNumbers = 1 << 31

// array is a .npy file's content, row-major.
type array struct {
	shape []int
	count int    // values
	kind  string // of value, as NumPy writes it
	size  int    // of a value, in bytes
	body  []byte // count × size
}

// npyKinds are the kinds of number that are read, with their sizes.
func npyKinds() map[string]int {
	return map[string]int{"<f2": 2, "<f4": 4, "<f8": 8, "|i1": 1, "<i2": 2, "<i4": 4, "<i8": 8, "|u1": 1, "<u2": 2, "<u4": 4, "<u8": 8}
}

// readNPY reads an array in NumPy's format: of numbers, or of texts. The library reads the
// header; of its values it reads few kinds, and makes copies. No more is allocated than the
// file is long.
func readNPY(path string) (array, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return array{}, fmt.Errorf("%s: %w", path, files.Bare(err))
	}
	a, err := parseNPY(content)
	if err != nil {
		return array{}, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

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
	if r.Header.Descr.Fortran && len(a.shape) > 1 {
		return a, errors.New("its columns lie together: save it in C order, as numpy.ascontiguousarray makes it")
	}
	for _, n := range a.shape {
		if n < 0 || n > maxNumbers || a.count > maxNumbers/max(1, n) {
			return a, fmt.Errorf("an array of shape %v is too large", a.shape)
		}
		a.count *= n
	}
	if a.size = npyKinds()[a.kind]; a.size == 0 {
		length, isText := strings.CutPrefix(a.kind, "<U")
		if n, err := strconv.Atoi(length); isText && err == nil && n > 0 && n <= 1<<16 {
			a.size = 4 * n
		}
	}
	if a.size == 0 {
		return a, fmt.Errorf("values of kind %q: want numbers or texts of the usual kinds, of Intel's byte order", a.kind)
	}
	a.body = content[len(content)-file.Len():]
	if len(a.body)/a.size < a.count {
		return a, fmt.Errorf("%d bytes for %d values of kind %s: cut short", len(a.body), a.count, a.kind)
	}
	return a, nil
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

func (a array) isText() bool { return strings.HasPrefix(a.kind, "<U") }

// number is value i; of a text, NaN.
func (a array) number(i int) float64 {
	b, little := a.body[i*a.size:(i+1)*a.size], binary.LittleEndian
	switch a.kind {
	case "<f2":
		var wide [1]float32
		kernel.FromHalf(wide[:], []uint16{little.Uint16(b)})
		return float64(wide[0])
	case "<f4":
		return float64(math.Float32frombits(little.Uint32(b)))
	case "<f8":
		return math.Float64frombits(little.Uint64(b))
	case "|i1":
		return float64(int8(b[0]))
	case "<i2":
		return float64(int16(little.Uint16(b)))
	case "<i4":
		return float64(int32(little.Uint32(b)))
	case "<i8":
		return float64(int64(little.Uint64(b)))
	case "|u1":
		return float64(b[0])
	case "<u2":
		return float64(little.Uint16(b))
	case "<u4":
		return float64(little.Uint32(b))
	case "<u8":
		return float64(little.Uint64(b))
	}
	return math.NaN()
}

// text is value i, without the zeros that fill it up.
func (a array) text(i int) string {
	var runes []rune
	for b := a.body[i*a.size : (i+1)*a.size]; len(b) > 0; b = b[4:] {
		runes = append(runes, rune(binary.LittleEndian.Uint32(b)))
	}
	return strings.TrimRight(string(runes), "\x00")
}
