//go:build nvidia

package cuda

import "errors"

// carrier brings rows to the device.
type carrier struct {
	c            *Context
	precision    Precision
	rows, places buffer // on their way
	slots        []int32
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

// atATime is how many rows of dim are brought at a time, where there are many.
func atATime(dim int) int { return max(1, stagingBytes/2/(4*dim)) }

// from is n slots from first on, until the next call.
func (w *carrier) from(first, n int) []int32 {
	w.slots = w.slots[:0]
	for i := range n {
		w.slots = append(w.slots, int32(first+i))
	}
	return w.slots
}

// scatter brings rows of dim numbers to their slots of a buffer, in its precision. It
// needs the thread.
func (w *carrier) scatter(to *buffer, rows []float32, slots []int32, dim, stride int) error {
	if len(slots) == 0 {
		return nil
	}
	c := w.c
	if err := c.arena.all(need{&w.rows, "rows on their way", 4 * len(rows)}, need{&w.places, "rows on their way", 4 * len(slots)}); err != nil {
		return err
	}
	if err := errors.Join(upload(c, &w.rows, rows), upload(c, &w.places, slots)); err != nil {
		return err
	}
	return c.launch("scatter_"+suffix(w.precision), [3]int{len(slots), 1, 1}, 0, to, &w.rows, &w.places, dim, stride)
}

// suffix is the end of the names of the kernels for rows of a precision.
func suffix(p Precision) string {
	if p == BF16 {
		return string(BF16)
	}
	return string(FP32)
}
