package eval

import (
	"fmt"
	"math"

	"crossbatch/xbm/kernel"
)

// Distance says how far two embeddings are from each other. The zero value is
// Euclidean.
type Distance int

const (
	// Euclidean is the distance of the embeddings as they are given.
	Euclidean Distance = iota
	// Cosine is 1 less the cosine of the angle between them. A row of zeros has no
	// direction: it counts as at a right angle to all others, and as alike with other
	// such rows.
	Cosine
)

// String is the distance as UnmarshalText reads it.
func (d Distance) String() string {
	if d == Cosine {
		return "cosine"
	}
	return "euclidean"
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Distance) UnmarshalText(text []byte) error {
	switch string(text) {
	case "euclidean":
		*d = Euclidean
	case "cosine":
		*d = Cosine
	default:
		return fmt.Errorf("eval: distance %q: give euclidean or cosine", text)
	}
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (d Distance) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Rows returns rows (n×dim) whose Euclidean distances are in the order of d, and
// how many numbers each has: dim, or one more where a row is zero. More of them, with
// which they are to be compared, are returned in turn. For Euclidean they are what was
// given, else copies of length 1, whose squared distances are twice those of d.
func (d Distance) Rows(dim int, parts ...[]float32) ([][]float32, int) {
	if d != Cosine {
		return parts, dim
	}
	wide := dim
	for _, x := range parts {
		for i := 0; i+dim <= len(x); i += dim {
			if squaredLength(x[i:i+dim]) == 0 {
				wide = dim + 1
			}
		}
	}
	unit := make([][]float32, len(parts))
	for p, x := range parts {
		unit[p] = make([]float32, len(x)/dim*wide)
		for i := range len(x) / dim {
			row, to := x[i*dim:(i+1)*dim], unit[p][i*wide:(i+1)*wide]
			length := math.Sqrt(squaredLength(row))
			if length == 0 {
				to[dim] = 1
				continue
			}
			for j, v := range row {
				to[j] = float32(float64(v) / length)
			}
		}
	}
	return unit, wide
}

// byDistance is r with rows whose Euclidean distances are in the order that it asks
// for.
func (r Retrieval) byDistance() Retrieval {
	rows, dim := r.Distance.Rows(r.Dim, r.Queries, r.Gallery)
	r.Queries, r.Dim, r.Distance = rows[0], dim, Euclidean
	if !r.alone() {
		r.Gallery = rows[1]
	}
	return r
}

// Normalize brings rows (n×dim) to unit length, in place; rows of zeros stay.
func Normalize(rows []float32, dim int) {
	kernel.NormalizeRows(rows, make([]float32, len(rows)/dim), rows, dim)
}
