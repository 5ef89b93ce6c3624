package pair

import (
	"math"

	"crossbatch/xbm/kernel"
)

// Row is one anchor against one tile of columns. It is valid during the call.
type Row struct {
	Problem *Problem
	Anchor  int // index of the anchor
	First   int // column that the tile starts with
	// Neg is the cosine similarity with each column of the tile, and -Inf where the
	// pair is not a negative: compare with [NoPair].
	Neg []float32
	// Pos lists the positive pairs, by ascending column.
	Pos []Positive

	// Columns are the columns of a row that is no tile, see [Row.Column]. Nil: from
	// First on.
	Columns []int32
	// Multiplicities say how often each negative counts, see [Row.Multiplicity].
	// Nil: once.
	Multiplicities []float32
	// Partners tells which positives a negative stands with in the triplets that a
	// miner chose. Nil: all.
	Partners Partners

	// Scratch has room for a number for each column, and Places for the places that
	// kernel.FindAbove finds among them. A miner may set Multiplicities to Scratch;
	// losses use it in WeighPart only, where there are none.
	Scratch []float32
	Places  []int32
}

// Positive is a positive pair of a row.
type Positive struct {
	Col          int     // place of its column within the tile
	Sim          float32 // cosine similarity
	Multiplicity float32 // how often it counts: 1, or the number of triplets that a miner chose it for
}

// NoPair is below every similarity, and above what Row.Neg has for a pair that is
// not a negative.
const NoPair = -2

// Column is the column at place c of the row.
func (r *Row) Column(c int) int {
	if r.Columns == nil {
		return r.First + c
	}
	return int(r.Columns[c])
}

// Multiplicity is how often the negative at place c counts: once, or as often as it
// is part of a triplet that a miner chose.
func (r *Row) Multiplicity(c int) float64 {
	if r.Multiplicities == nil {
		return 1
	}
	return float64(r.Multiplicities[c])
}

// NearlyOne is the similarity s above which 2-2s has lost more than half of
// float32's digits. [Row.Distance] then takes the distance from the rows
// themselves.
const NearlyOne = 0.999

// Distance is the Euclidean distance, from 0 to 2, between the unit rows of the
// anchor and of the column at place c, whose similarity is s. It is exact for near
// duplicates too.
func (r *Row) Distance(c int, s float32) float64 {
	return math.Sqrt(r.Problem.SquaredDistance(r.Anchor, r.Column(c), s))
}

// Apart is how far apart the anchor and the column at place c are, whose
// similarity is s: the Euclidean distance, or else the negative similarity.
func (r *Row) Apart(euclidean bool, c int, s float32) float64 {
	if euclidean {
		return r.Distance(c, s)
	}
	return -float64(s)
}

// SquaredDistance is the squared distance of [Row.Distance], by index of the anchor
// and of the column.
func (p *Problem) SquaredDistance(anchor, column int, s float32) float64 {
	if s < NearlyOne {
		return 2 - 2*float64(s)
	}
	if p.Far != nil {
		if square, known := p.Far(anchor, column); known {
			return square
		}
	}
	a := p.Anchors.Rows[anchor*p.Dim : (anchor+1)*p.Dim]
	var room []float32
	return kernel.SquaredDistance(a, p.Columns.Row(&room, p.Dim, column))
}

// Keep takes the positives and the negatives that are not wanted out of the row.
func (r *Row) Keep(positive func(Positive) bool, negative func(c int, s float32) bool) {
	kept := r.Pos[:0]
	for _, p := range r.Pos {
		if positive(p) {
			kept = append(kept, p)
		}
	}
	r.Pos = kept
	for c, s := range r.Neg {
		if s > NoPair && !negative(c, s) {
			r.Neg[c] = float32(math.Inf(-1))
		}
	}
}

// DropAll takes all pairs out of the row.
func (r *Row) DropAll() {
	r.Pos = r.Pos[:0]
	for c := range r.Neg {
		r.Neg[c] = float32(math.Inf(-1))
	}
}
