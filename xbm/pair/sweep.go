package pair

import (
	"math"

	"crossbatch/xbm/kernel"
)

// sweep takes the block of anchors that starts at i over the columns [j, end),
// tile by tile: each row is shown with its zeroed weights, then done, if not
// nil, gets the tile's weights.
func (e *Engine) sweep(p *Problem, i, j, end int,
	row func(*Row, []float32), done func(w []float32, columns kernel.Mat, rows, j, cols int)) {
	ws := e.workspace()
	defer e.spaces.Put(ws)
	rows := min(anchorBlock, len(p.Anchors.Labels)-i)
	for ; j < end; j += columnTile {
		cols := min(columnTile, end-j)
		columns := p.columns(&ws.wide, j, cols)
		across := columns
		across.Trans = true
		kernel.GemmSerial(rows, cols, p.Dim, 1, p.rows(p.Anchors, i), across, 0,
			kernel.Mat{Data: ws.sim, Stride: columnTile})
		if done != nil {
			clear(ws.weight)
		}
		for a := range rows {
			r := &ws.row
			*r = Row{
				Anchor: i + a, First: j, problem: p,
				Neg: ws.sim[a*columnTile : a*columnTile+cols], Pos: r.Pos[:0],
				scratch: ws.times[:cols], places: ws.places,
			}
			p.split(r)
			row(r, ws.weight[a*columnTile:a*columnTile+cols])
		}
		if done != nil {
			done(ws.weight, columns, rows, j, cols)
		}
	}
}

// split moves the positive pairs from r.Neg to r.Pos, and drops the pairs of a
// sample with itself. Only columns with the anchor's label are looked at: the
// copies of a sample share its label.
func (p *Problem) split(r *Row) {
	labels := p.Columns.Labels[r.First : r.First+len(r.Neg)]
	found := kernel.FindEqual(r.places, labels, p.Anchors.Labels[r.Anchor])
	for _, place := range r.places[:found] {
		c := int(place)
		own, isCopy := p.isSample(r.Anchor, r.First+c)
		if isCopy {
			r.copies++
		}
		switch {
		case own:
			r.own++
		case isCopy && p.SameID:
			r.dropped++
		default:
			r.Pos = append(r.Pos, Positive{Col: c, Sim: r.Neg[c], Times: 1})
		}
		r.Neg[c] = float32(math.Inf(-1))
	}
}

func (e *Engine) count(r *Row) {
	c := &e.counts[r.Anchor]
	c.pos += len(r.Pos)
	c.copies += r.copies
	c.neg += len(r.Neg) - len(r.Pos) - r.own - r.dropped
}

// rows is the side's rows from row i on.
func (p *Problem) rows(s Side, i int) kernel.Mat {
	return kernel.Mat{Data: s.Rows[i*p.Dim:], Stride: p.Dim}
}

func blocks(n, size int) int { return (n + size - 1) / size }

// zeroed returns s with n zero elements, in the old array where it is large
// enough.
func zeroed[T any](s []T, n int) []T {
	s = sizedTo(s, n)
	clear(s)
	return s
}

// sizedTo returns s with n elements, in the old array and with the old values
// where it is large enough.
func sizedTo[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
