//go:build !amd64

package arithmetic

func (kind) finishRows(x []float32, step int, other []float32, otherStep int, bias []float32, floor float32, rows int) {
	finishRowsPortable(x, step, other, otherStep, bias, floor, rows)
}
