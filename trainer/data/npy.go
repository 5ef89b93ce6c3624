package data

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sbinet/npyio"
)

// maxNumbers bounds an array that is read.
const maxNumbers = 1 << 31

// array is a .npy file's content, row-major.
type array struct {
	shape  []int
	values []float64
}

// readNPY reads numbers in NumPy's format, whose header the library reads. It allocates no
// more than the file is long.
func readNPY(path string) (a array, err error) {
	defer func() {
		// The library panics on some damaged headers.
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: %v: no .npy file, or damaged", path, r)
		}
	}()
	content, err := os.ReadFile(path)
	if err != nil {
		return a, fmt.Errorf("%s: %w", path, bare(err))
	}
	file := bytes.NewReader(content)
	r, err := npyio.NewReader(file)
	if err != nil {
		return a, fmt.Errorf("%s: %w: no .npy file, or damaged", path, err)
	}
	a.shape = r.Header.Descr.Shape
	if r.Header.Descr.Fortran && len(a.shape) > 1 {
		return a, fmt.Errorf("%s: columns lie together: save it in C order, as numpy.ascontiguousarray makes it", path)
	}
	count := 1
	for _, n := range a.shape {
		if n < 0 || n > maxNumbers || count > maxNumbers/max(1, n) {
			return a, fmt.Errorf("%s: an array of shape %v is too large", path, a.shape)
		}
		count *= n
	}
	if file.Len() < count {
		return a, fmt.Errorf("%s: %d bytes for %d numbers: cut short", path, file.Len(), count)
	}
	a.values = make([]float64, count)
	err = readNumbers(r, a.values)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("cut short")
	}
	if err != nil {
		return a, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// readNumbers reads as many numbers as dst has, of any of the usual kinds.
func readNumbers(r *npyio.Reader, dst []float64) error {
	switch kind := r.Header.Descr.Type; kind {
	case "<f4":
		return numbers[float32](r, dst)
	case "<f8":
		return numbers[float64](r, dst)
	case "<i4":
		return numbers[int32](r, dst)
	case "<i8":
		return numbers[int64](r, dst)
	case "<i2":
		return numbers[int16](r, dst)
	case "|u1":
		return numbers[uint8](r, dst)
	case "<u4":
		return numbers[uint32](r, dst)
	default:
		return fmt.Errorf("numbers of kind %q: want float32, float64, or whole numbers (of Intel's byte order)", kind)
	}
}

func numbers[T float32 | float64 | int16 | int32 | int64 | uint8 | uint32](r *npyio.Reader, dst []float64) error {
	values := make([]T, len(dst))
	if err := r.Read(&values); err != nil {
		return err
	}
	if len(values) != len(dst) {
		return io.ErrUnexpectedEOF
	}
	for i, v := range values {
		dst[i] = float64(v)
	}
	return nil
}
