package pair

import (
	"math"
	"slices"

	"crossbatch/xbm/kernel"
)

// Side is the anchors or the columns of a [Problem]: their rows, and what is known of
// each.
type Side struct {
	Rows   []float32 // unit rows, n×dim, row-major; a row of zeros is allowed
	Halves []uint16  // in place of Rows, for Columns that are no Anchors: the same in IEEE 754 binary16
	Labels []int32   // class of each row
	IDs    []int64   // sample each row is an embedding of; nil where unknown
	// Lengths are those of the rows before they were brought to unit length; nil:
	// 1. Only losses that say so look at them.
	Lengths []float32
	Births  []int64 // step at which each row was stored; nil where unknown, or where all are of this step

	// Scale and Shift (dim each), for Columns that are no Anchors: a row x stands
	// for Scale·x + Shift, element by element, brought to unit length. Nil: for
	// itself.
	Scale, Shift []float32
	// Factors are what ∂L/∂S of all pairs of a column is multiplied by, for Columns
	// that are no Anchors; nil: 1. So is what a [Finisher] has of a pair that does not
	// go through S, see [Problem.Factor]. The loss's value and its choice of pairs know
	// nothing of them.
	Factors []float32
	// Writes tells which rows change from step to step. Nil: all may.
	Writes *Writes
	// Ranks share out the rows of Columns: Rows and Halves are those of this rank alone, and
	// all else is of all rows. Nil: all rows are here.
	Ranks Ranks
}

// Row returns unit row i, which must be here, as At does.
func (s Side) Row(room *[]float32, dim, i int) []float32 {
	size, _ := s.ranked()
	return s.At(room, dim, i/size, 1)
}

// At returns n unit rows (n×dim) from row i on, of those that are here, as a loss sees
// them. They alias the side where it holds them as they are; else they are made in room,
// which grows as needed.
func (s Side) At(room *[]float32, dim, i, n int) []float32 {
	if s.Halves == nil && s.Scale == nil {
		return s.Rows[i*dim : (i+n)*dim]
	}
	*room = slices.Grow((*room)[:0], n*dim)[:n*dim]
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

// AppendRows appends the unit rows of the side (n×dim) that are here to dst, as a loss sees
// them.
func (s Side) AppendRows(dst []float32, dim int) []float32 {
	var room []float32
	return append(dst, s.At(&room, dim, 0, s.Held())...)
}

// Multiply multiplies the weights of a row by the Factors of its columns, and by the
// Halves.
func (p *Problem) Multiply(w []float32, r *Row) {
	p.byColumn(w, r)
	if p.Halves == nil {
		return
	}
	positives := r.Pos
	for c := range w {
		if len(positives) > 0 && positives[0].Col == c {
			w[c] *= float32(p.Halves.Positive)
			positives = positives[1:]
		} else {
			w[c] *= float32(p.Halves.Negative)
		}
	}
}

// MultiplyNegatives is Multiply for a row that has no positives, whatever r.Pos holds.
func (p *Problem) MultiplyNegatives(w []float32, r *Row) {
	p.byColumn(w, r)
	if p.Halves != nil {
		kernel.Scale(w, float32(p.Halves.Negative), w)
	}
}

// Factor is what a [Finisher] is to multiply what it has of a pair by that does not go
// through S.
func (p *Problem) Factor(column int, positive bool) float64 {
	f := 1.0
	if p.Columns.Factors != nil {
		f = float64(p.Columns.Factors[column])
	}
	switch {
	case p.Halves == nil:
		return f
	case positive:
		return f * p.Halves.Positive
	}
	return f * p.Halves.Negative
}

func (p *Problem) byColumn(w []float32, r *Row) {
	f := p.Columns.Factors
	if f == nil {
		return
	}
	if r.Columns == nil {
		kernel.Multiply(w, w, f[r.First:r.First+len(w)])
		return
	}
	for k, j := range r.Columns {
		w[k] *= f[j]
	}
}
