package eval

import (
	"math"
	"slices"

	"crossbatch/xbm/kernel"
)

// The similarities of a block of queries with a tile of embeddings stay within
// a core's second-level cache.
const (
	queryBlock = 192
	rowTile    = 384
	tileStride = rowTile + 16 // keeps rows that lie above one another out of one cache set
)

// tiles hands the nearnesses of the queries [q, q+rows) to the rows of the gallery
// to each, a tile of rows from first on at a time: for query q+i, in row. The
// nearness of a row x to a query is q·x - ‖x‖²/2, which falls as their distance
// grows; a query's to itself is -Inf. With a sieve it is the rounded product alone.
func (s *search) tiles(sp *space, q, rows int, each func(i, first int, row []float32)) {
	s.tilesOf(sp, q, rows, 0, s.rows, each)
}

// fewQueries is up to how many queries a product would be slower than one inner
// product after the other, for it has to turn the rows round first.
const fewQueries = 3

// tilesOf is tiles for the rows [first, end).
func (s *search) tilesOf(sp *space, q, rows, first, end int, each func(i, first int, row []float32)) {
	nearness := sp.nearness[:]
	for j := first; j < end; j += rowTile {
		cols := min(rowTile, end-j)
		if sp.coarse {
			s.sieve.Product(nearness, tileStride, sp.rounded, rows, j, cols)
		} else {
			s.exactTile(sp, q, rows, j, cols)
		}
		for i := range rows {
			row := nearness[i*tileStride:][:cols]
			if s.own != nil {
				if itself := s.own(q+i) - j; itself >= 0 && itself < cols {
					row[itself] = float32(math.Inf(-1))
				}
			}
			hide(row, s.junk, j)
			if s.left != nil {
				hide(row, s.left(q+i), j)
			}
			each(i, j, row)
		}
	}
}

// exactTile stores the nearnesses of the queries [q, q+rows) to the rows
// [first, first+cols).
func (s *search) exactTile(sp *space, q, rows, first, cols int) {
	nearness, tile := sp.nearness[:], s.tile(sp, first, cols)
	for i := range rows {
		copy(nearness[i*tileStride:][:cols], s.halves[first:])
	}
	if rows > fewQueries {
		kernel.GemmSerial(rows, cols, s.dim, 1, kernel.Mat{Data: s.queries[q*s.dim:], Stride: s.dim},
			kernel.Mat{Data: tile, Stride: s.dim, Trans: true}, 1, kernel.Mat{Data: nearness, Stride: tileStride})
		return
	}
	for c := range cols {
		row := tile[c*s.dim:][:s.dim]
		for i := range rows {
			nearness[i*tileStride+c] += kernel.Dot(s.query(q+i), row)
		}
	}
}

// tile is rows of the gallery from first on.
func (s *search) tile(sp *space, first, rows int) []float32 {
	if s.half == nil {
		return s.gallery[first*s.dim : (first+rows)*s.dim]
	}
	if sp.tile == nil {
		sp.tile = make([]float32, rowTile*s.dim)
	}
	tile := sp.tile[:rows*s.dim]
	kernel.FromHalf(tile, s.half[first*s.dim:(first+rows)*s.dim])
	return tile
}

// hide takes rows, ascending, out of a tile that starts at first.
func hide(tile []float32, rows []int32, first int) {
	at, _ := slices.BinarySearch(rows, int32(first))
	for _, row := range rows[at:] {
		place := int(row) - first
		if place >= len(tile) {
			return
		}
		tile[place] = float32(math.Inf(-1))
	}
}
