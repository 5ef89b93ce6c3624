package arithmetic

// FinishRows stores max(x + bias, floor) in place of x, for rows of len(bias) numbers
// whose beginnings are step apart; NaN stays NaN. With other, that is added to x
// first, row by row, its rows otherStep apart. A floor of -Inf does nothing.
func FinishRows(x []float32, step int, other []float32, otherStep int, bias []float32, floor float32, rows int) {
	n := len(bias)
	if rows <= 0 || n == 0 {
		return
	}
	if step < n || (rows-1)*step+n > len(x) || other != nil && (otherStep < n || (rows-1)*otherStep+n > len(other)) {
		panic("arithmetic: rows too short in FinishRows")
	}
	native.finishRows(x, step, other, otherStep, bias, floor, rows)
}

func finishRowsPortable(x []float32, step int, other []float32, otherStep int, bias []float32, floor float32, rows int) {
	for r := range rows {
		row := x[r*step:][:len(bias)]
		for j, b := range bias {
			y := row[j] + b
			if other != nil {
				y = row[j] + b + other[r*otherStep+j]
			}
			row[j] = max(y, floor)
		}
	}
}
