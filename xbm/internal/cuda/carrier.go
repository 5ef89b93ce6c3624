//go:build nvidia

package cuda

import "errors"

// carrier brings rows to the device.
type carrier struct {
	c            *Context
	precision    Precision
	rows, places buffer // on their way
}

// numberBytes is how many bytes a number of a row takes.
func (w *carrier) numberBytes() int {
	if w.precision == BF16 {
		return 2
	}
	return 4
}

// strideOf is how many numbers a row of dim takes: whole pieces.
func (w *carrier) strideOf(dim int) int {
	piece := pieceBytes / w.numberBytes()
	return (dim + piece - 1) / piece * piece
}

// scatter brings rows of dim numbers to their slots of a buffer, in its precision. It
// needs the thread.
func (w *carrier) scatter(to *buffer, rows []float32, slots []int32, dim, stride int) error {
	if len(slots) == 0 {
		return nil
	}
	c := w.c
	if err := errors.Join(c.arena.sized(&w.rows, "rows on their way", int64(4*len(rows))), c.arena.sized(&w.places, "rows on their way", int64(4*len(slots)))); err != nil {
		return err
	}
	if err := errors.Join(upload(c, &w.rows, 0, rows), upload(c, &w.places, 0, slots)); err != nil {
		return err
	}
	return c.launch("scatter_"+suffix(w.precision), [3]int{len(slots), 1, 1}, threads, 0, to, &w.rows, &w.places, dim, stride)
}

// suffix is the end of the names of the kernels for rows of a precision.
func suffix(p Precision) string {
	if p == BF16 {
		return "bf16"
	}
	return "fp32"
}
