package pair

import (
	"math"

	"crossbatch/xbm/kernel"
)

// columns is the rows of columns [j, j+cols), in room if they must be made.
func (p *Problem) columns(room *[]float32, j, cols int) kernel.Mat {
	return kernel.Mat{Data: p.Columns.from(room, p.Dim, j, cols), Stride: p.Dim}
}

// from is n rows from row i on, in room if they must be made.
func (s Side) from(room *[]float32, dim, i, n int) []float32 {
	if s.Halves == nil && s.Scale == nil {
		return s.Rows[i*dim : (i+n)*dim]
	}
	*room = sizedTo(*room, n*dim)
	rows := *room
	if s.Halves != nil {
		kernel.FromHalf(rows, s.Halves[i*dim:(i+n)*dim])
	}
	if s.Scale == nil {
		return rows
	}
	for k := range n {
		row := rows[k*dim : (k+1)*dim]
		from := row
		if s.Halves == nil {
			from = s.Rows[(i+k)*dim : (i+k+1)*dim]
		}
		s.adjust(row, from)
	}
	return rows
}

// leastSquare is the square of the length under which an adjusted row is what
// rounding left of zeros.
const leastSquare = 1e-10

// adjust stores the unit row that x stands for. They may be the same.
func (s Side) adjust(row, x []float32) {
	square := kernel.Adjust(row, x, s.Scale, s.Shift)
	if square < leastSquare {
		clear(row)
		return
	}
	kernel.Scale(row, float32(1/math.Sqrt(float64(square))), row)
}

// AppendRows appends to dst the unit rows of the side as a loss sees them.
func (s Side) AppendRows(dst []float32, dim int) []float32 {
	var room []float32
	return append(dst, s.from(&room, dim, 0, len(s.Labels))...)
}

// multiply multiplies the weights of a row by its columns' factors.
func (p *Problem) multiply(w []float32, r *Row) {
	f := p.Columns.Factors
	if f == nil {
		return
	}
	if r.cols == nil {
		kernel.Multiply(w, w, f[r.First:r.First+len(w)])
		return
	}
	for k, j := range r.cols {
		w[k] *= f[j]
	}
}
