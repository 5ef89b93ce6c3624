package engine

import (
	"math"
	"slices"

	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// A sweep in parts cuts the columns too: each part of them is read once, from
// the first product to the last, by one thread. What it finds out about an
// anchor is kept by part and joined in the order of the parts. Like the blocks,
// the parts depend on nothing but the problem.
const (
	partAnchors = 96 // at most; a block has as many as the others
	partTile    = 384
	partStride  = partTile + 16 // keeps rows that lie above one another out of one cache set
	mostParts   = 16
	mostPartial = 2 << 20 // floats of all parts' sums
)

// parts is the number of parts that the columns of p fall into, on each rank.
func parts(p *pair.Problem) int {
	most := mostParts
	if p.Columns.Ranks != nil { // no more than threads need: their sums are sent round
		most = kernel.Blocks(mostParts, kernel.Blocks(len(p.Anchors.Labels), partAnchors))
	}
	n := min(most, kernel.Blocks(kernel.Blocks(len(p.Columns.Labels), ranksOf(p)), partTile))
	for n > 1 && n*len(p.Anchors.Labels)*p.Dim > mostPartial {
		n /= 2
	}
	return max(1, n)
}

// partRow is shown an anchor's negatives in one tile of a part. It returns how
// many weights it stored, and what the sum of the weighted columns so far is to
// be multiplied by first.
type partRow func(part int, r *pair.Row, w []float32) (stored int, keep float32)

// sweepParts shows each row of each tile to row. If sums is not nil, it gets the
// sums of the columns by weight: parts × anchors × dim, zeroed before. sv may be nil. Of
// columns that are with several ranks it takes those that are here.
func (e *Engine) sweepParts(p *pair.Problem, parts int, sums []float32, row partRow, sv *sieve) {
	n, m := len(p.Anchors.Labels), p.Columns.Held()
	tiles, across := kernel.Blocks(m, partTile), kernel.Blocks(n, partAnchors)
	block := kernel.Blocks(n, across)
	sv = sv.prepare(p, block, e.Sieve)
	kernel.Parallel(parts*across, func(task int) {
		part, i := task/across, task%across*block
		first, end := part*tiles/parts*partTile, min(m, (part+1)*tiles/parts*partTile)
		ws := e.workspace()
		defer e.spaces.Put(ws)
		rows := min(block, n-i)
		for a := range rows {
			ws.next[a], _ = slices.BinarySearch(e.gathered[i+a].here, int32(first))
		}
		sv := sv
		for j := first; j < end; j += partTile {
			if some := e.partTile(ws, p, part, i, j, rows, min(partTile, end-j), sums, row, sv, task%across); !some {
				sv = nil
			}
		}
	})
}

// partTile does the tile of the anchors from i on, block of them, and the columns from j
// on. It returns whether the sieve, which may be nil, is worth its while in the next.
func (e *Engine) partTile(ws *workspace, p *pair.Problem, part, i, j, rows, cols int, sums []float32, row partRow, sv *sieve, block int) (some bool) {
	n := len(p.Anchors.Labels)
	tile := columns(p, &ws.wide, j, cols)
	sifted := false
	if sv != nil {
		sifted, some = sv.sift(ws, p, part, block, i, rows, tile, cols)
	}
	if !sifted {
		across := tile
		across.Trans = true
		kernel.GemmSerial(rows, cols, p.Dim, 1, anchors(p, i), across, 0,
			kernel.Mat{Data: ws.sim, Stride: partStride})
	}
	total := 0
	list := columnsOf(ws, p, j, cols)
	for a := range rows {
		neg := ws.sim[a*partStride:][:cols]
		for here := e.gathered[i+a].here; ws.next[a] < len(here) && int(here[ws.next[a]]) < j+cols; ws.next[a]++ {
			neg[int(here[ws.next[a]])-j] = float32(math.Inf(-1))
		}
		w := ws.weight[a*partStride:][:cols]
		clear(w)
		if sifted && sv.leaveOut && len(ws.above[a]) == 0 {
			ws.stored[a] = 0
			continue
		}
		r := &ws.row
		*r = pair.Row{Anchor: i + a, First: j, Columns: list, Neg: neg, Problem: p, Pos: r.Pos[:0], Scratch: ws.scratch[:cols], Places: ws.places}
		stored, keep := row(part, r, w)
		if sums == nil {
			continue
		}
		p.MultiplyNegatives(w, r)
		ws.stored[a] = stored
		total += stored
		if keep != 1 {
			sum := sums[(part*n+i+a)*p.Dim:][:p.Dim]
			kernel.Scale(sum, keep, sum)
		}
	}
	if total*sparse <= rows*cols {
		e.addFew(ws, p, part, i, rows, tile, cols, sums)
		return some
	}
	kernel.GemmSerial(rows, p.Dim, cols, 1, kernel.Mat{Data: ws.weight, Stride: partStride},
		tile, 1, kernel.Mat{Data: sums[(part*n+i)*p.Dim:], Stride: p.Dim})
	return some
}

// sparse is the pairs for each weight from which on a product costs more than
// adding up column by column.
const sparse = 64

// addFew adds the columns of a tile in which few have a weight.
func (e *Engine) addFew(ws *workspace, p *pair.Problem, part, i, rows int, tile kernel.Mat, cols int, sums []float32) {
	n := len(p.Anchors.Labels)
	for a := range rows {
		if sums == nil || ws.stored[a] == 0 {
			continue
		}
		sum := sums[(part*n+i+a)*p.Dim:][:p.Dim]
		for c, w := range ws.weight[a*partStride:][:cols] {
			if w != 0 {
				kernel.Axpy(sum, w, tile.Data[c*p.Dim:][:p.Dim])
			}
		}
	}
}
