package engine

import (
	"math"

	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// A sieve spares the products of pairs that make no difference. For a loss or a miner
// that looks at negatives above a bound alone, products in bfloat16, many times as fast
// on some processors, tell which pairs may be above. With rows rounded by no more than
// 2⁻⁸ of their length,
//
//	|a·x - a'·x'| ≤ ‖a-a'‖·‖x‖ + ‖a'‖·‖x-x'‖ ≤ (2 + 2⁻⁸)·2⁻⁸·‖a‖·‖x‖,
//
// by Cauchy and Schwarz, and roundings of float32 come on top, one for each number in
// either product. The pairs whose coarse product is above the bound less that much get
// the product that they would have got, to the bit; all others are shown as -Inf.
type sieve struct {
	bound    func(part, anchor int) float32
	leaveOut bool // rows without a pair above need not be shown

	blocks []kernel.Coarse // the anchors, by block
	off    []float64       // of each anchor: how far a coarse product may be off
}

// bounded is the sieve of a loss or a miner in a pass, nil where it has none. first is the
// number of the first of the parts.
func bounded(l any, pass, first int) *sieve {
	b, ok := l.(pair.Bounded)
	if !ok {
		return nil
	}
	return &sieve{leaveOut: true, bound: func(part, anchor int) float32 { return b.Bound(first+part, pass, anchor) }}
}

// isClosed reports whether no negative at all makes a difference.
func (s *sieve) isClosed(parts, anchors int) bool {
	if s == nil {
		return false
	}
	for k := range parts * anchors {
		if s.bound(k/anchors, k%anchors) < math.MaxFloat32 {
			return false
		}
	}
	return true
}

// sieve is that of the sweep of a pass of the loss.
func (w way) sieve(pass, first int) *sieve {
	if _, ok := w.miner.(pair.IntervalMiner); ok || w.miner == nil {
		return bounded(w.loss, pass, first)
	}
	b, ok := w.miner.(pair.BoundedChoice)
	if !ok {
		return nil
	}
	return &sieve{bound: func(_, anchor int) float32 { return b.SelectBound(anchor) }}
}

// leastSifted is the columns from which on a sieve is worth its anchors' rounding.
const leastSifted = 4 * partTile

// longestUnit is more than rounding makes of the length of a unit row.
const longestUnit = 1.001

// prepare takes in the anchors, in blocks of so many. It returns nil where the sieve is
// not to be used.
func (s *sieve) prepare(p *pair.Problem, block int, when Sieving) *sieve {
	n := len(p.Anchors.Labels)
	isFast := kernel.FastCoarse() && p.Columns.Held() >= leastSifted && p.Dim >= 16
	if s == nil || when == NoSieve || when == FastSieve && !isFast {
		return nil
	}
	s.blocks, s.off = make([]kernel.Coarse, kernel.Blocks(n, block)), make([]float64, n)
	for b := range s.blocks {
		s.blocks[b].Set(p.Anchors.Rows[b*block*p.Dim:min(n, (b+1)*block)*p.Dim], p.Dim)
	}
	const rounded, unit, tiny = 0x1p-8, 0x1p-24, 0x1p-120
	for i := range s.off {
		row := p.Anchors.Rows[i*p.Dim : (i+1)*p.Dim]
		length := math.Sqrt(float64(kernel.Dot(row, row))) * longestUnit
		s.off[i] = (rounded*(2+rounded)+float64(2*p.Dim+16)*unit)*length*longestUnit + float64(p.Dim)*tiny
	}
	return s
}

// mostSifted is the pairs for each one above the bound from which on all products
// together cost less than those one by one.
const mostSifted = 24

// sift stores the similarities of a tile, -Inf in place of those that make no
// difference, and the places of the others in ws.above. It returns false, having stored
// nothing, where there are too many others; some is false if that is to be expected of
// the tiles that follow too.
func (s *sieve) sift(ws *workspace, p *pair.Problem, part, block, i, rows int, tile kernel.Mat, cols int) (done, some bool) {
	limits, open := ws.limits[:rows], false
	for a := range rows {
		bound := s.bound(part, i+a)
		if bound <= pair.NoPair {
			return false, true // until there is a first
		}
		limits[a] = math.Nextafter32(float32(float64(bound)-s.off[i+a]), float32(math.Inf(-1)))
		open = open || limits[a] < math.MaxFloat32
		ws.above[a] = ws.above[a][:0]
	}
	if open && !s.find(ws, p, block, rows, tile, cols) {
		return false, false
	}
	for a := range rows {
		s.exact(ws, p, i+a, a, tile, cols)
	}
	return true, true
}

// find stores the places of the pairs that may be above their limits, unless there are
// too many.
func (s *sieve) find(ws *workspace, p *pair.Problem, block, rows int, tile kernel.Mat, cols int) bool {
	anchors := &s.blocks[block]
	wide := kernel.Blocks(rows, kernel.CoarseUnit) * kernel.CoarseUnit
	ws.coarse = room.Sized(ws.coarse, partTile*wide)
	ws.rounded = anchors.Rows(ws.rounded, nil, tile.Data[:cols*p.Dim], p.Dim)
	anchors.Product(ws.coarse, wide, ws.rounded, cols, 0, rows)
	left := rows * cols / mostSifted
	for c := range cols {
		found := kernel.FindAboveEach(ws.places, ws.coarse[c*wide:][:rows], ws.limits[:rows])
		if left -= found; left < 0 {
			return false
		}
		for _, a := range ws.places[:found] {
			ws.above[a] = append(ws.above[a], int32(c))
		}
	}
	return true
}

// exact stores the similarities of one anchor, row a of the tile. Each is one chain of
// additions, whatever the product that it is part of.
func (s *sieve) exact(ws *workspace, p *pair.Problem, anchor, a int, tile kernel.Mat, cols int) {
	neg, places := ws.sim[a*partStride:][:cols], ws.above[a]
	none := float32(math.Inf(-1))
	for c := range neg {
		neg[c] = none
	}
	if len(places) == 0 {
		return
	}
	ws.few.wide = room.Sized(ws.few.wide, len(places)*p.Dim)
	for k, c := range places {
		copy(ws.few.wide[k*p.Dim:(k+1)*p.Dim], tile.Data[int(c)*p.Dim:])
	}
	kernel.GemmSerial(1, len(places), p.Dim, 1, anchors(p, anchor), kernel.Mat{Data: ws.few.wide, Stride: p.Dim, Trans: true}, 0,
		kernel.Mat{Data: ws.scratch, Stride: ColumnTile})
	for k, c := range places {
		neg[c] = ws.scratch[k]
	}
}
