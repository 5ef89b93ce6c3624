package engine

import (
	"math"

	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// sweep takes the block of anchors that starts at i over the columns [j, end), tile
// by tile: each row is shown with its counts and its zeroed weights, then done, if
// not nil, gets the tile's weights.
func (e *Engine) sweep(p *pair.Problem, i, j, end int,
	row func(*pair.Row, pairCounts, []float32), done func(w []float32, columns kernel.Mat, rows, j, cols int)) {
	ws := e.workspace()
	defer e.spaces.Put(ws)
	rows := min(AnchorBlock, len(p.Anchors.Labels)-i)
	for ; j < end; j += ColumnTile {
		cols := min(ColumnTile, end-j)
		tile := columns(p, &ws.wide, j, cols)
		across := tile
		across.Trans = true
		kernel.GemmSerial(rows, cols, p.Dim, 1, anchors(p, i), across, 0,
			kernel.Mat{Data: ws.sim, Stride: ColumnTile})
		if done != nil {
			clear(ws.weight)
		}
		for a := range rows {
			r := &ws.row
			*r = pair.Row{
				Anchor: i + a, First: j, Problem: p,
				Neg: ws.sim[a*ColumnTile : a*ColumnTile+cols], Pos: r.Pos[:0],
				Scratch: ws.scratch[:cols], Places: ws.places,
			}
			row(r, split(p, r), ws.weight[a*ColumnTile:a*ColumnTile+cols])
		}
		if done != nil {
			done(ws.weight, tile, rows, j, cols)
		}
	}
}

// split moves the positive pairs from r.Neg to r.Pos, takes those that are left out
// from r.Neg, and counts. Only columns with the anchor's label are looked at: all
// others are negatives.
func split(p *pair.Problem, r *pair.Row) (count pairCounts) {
	labels := p.Columns.Labels[r.First : r.First+len(r.Neg)]
	found := kernel.FindEqual(r.Places, labels, p.Anchors.Labels[r.Anchor])
	for _, place := range r.Places[:found] {
		c := int(place)
		kind := p.KindOfSame(r.Anchor, r.First+c)
		if kind == pair.KindCopy || kind == pair.KindKeptCopy {
			count.copies++
		}
		if kind == pair.KindPositive || kind == pair.KindKeptCopy {
			r.Pos = append(r.Pos, pair.Positive{Col: c, Sim: r.Neg[c], Multiplicity: 1})
		}
		r.Neg[c] = float32(math.Inf(-1))
	}
	count.pos, count.neg = len(r.Pos), len(r.Neg)-found
	return count
}

// anchors is the anchors' rows from row i on.
func anchors(p *pair.Problem, i int) kernel.Mat {
	return kernel.Mat{Data: p.Anchors.Rows[i*p.Dim:], Stride: p.Dim}
}

// columns is the rows of columns [j, j+cols), in room if they must be made.
func columns(p *pair.Problem, room *[]float32, j, cols int) kernel.Mat {
	return kernel.Mat{Data: p.Columns.At(room, p.Dim, j, cols), Stride: p.Dim}
}
