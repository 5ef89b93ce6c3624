package engine

import (
	"math"

	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// gathered is what there is to say of an anchor before any product: the columns
// with its label are found by label, and there are few of them.
type gathered struct {
	same []int32   // columns with the anchor's label, ascending: positives, copies and itself
	here []int32   // places of those that are here, among the columns that are
	cols []int32   // of them, the positives
	sims []float32 // their similarities
}

// mostGathered limits the pairs that are gathered: beyond, positives are common
// enough to be left to the tiles.
const mostGathered = 1 << 17

// gather fills e.gathered and e.counts, or returns false where there are more than most
// positives. Of columns that are with other ranks the similarities are zeros.
func (e *Engine) gather(p *pair.Problem, most int) bool {
	n, m := len(p.Anchors.Labels), len(p.Columns.Labels)
	e.gathered = room.Sized(e.gathered, n)
	e.counts = room.Zeroed(e.counts, n)
	most /= max(1, n)
	kernel.Parallel(kernel.Blocks(n, gatherBlock), func(b int) {
		ws := e.workspace()
		defer e.spaces.Put(ws)
		for i := b * gatherBlock; i < min(n, (b+1)*gatherBlock); i++ {
			g := &e.gathered[i]
			g.same, g.cols, g.sims = g.same[:0], g.cols[:0], g.sims[:0]
			for first := 0; first < m && len(g.same) <= most; first += ColumnTile {
				labels := p.Columns.Labels[first:min(m, first+ColumnTile)]
				found := kernel.FindEqual(ws.places, labels, p.Anchors.Labels[i])
				for _, c := range ws.places[:found] {
					g.same = append(g.same, int32(first)+c)
				}
			}
			e.sort(p, i, g, &ws.wide)
			g.here = g.same
			if p.Columns.Ranks != nil {
				g.here = placesHere(p, g.same)
			}
		}
	})
	e.total = 0
	for i := range e.gathered {
		if len(e.gathered[i].same) > most {
			return false
		}
		e.total += len(e.gathered[i].cols)
	}
	return true
}

// fewPositives is the number of all anchors' positives up to which one thread
// has done with them before another has begun.
const fewPositives = 2048

// gatherBlock is how many anchors a thread looks for at a time.
const gatherBlock = 8

// sort tells the positives among the columns of anchor i's label.
func (e *Engine) sort(p *pair.Problem, i int, g *gathered, room *[]float32) {
	count := &e.counts[i]
	anchor := p.Anchors.Rows[i*p.Dim : (i+1)*p.Dim]
	for _, j := range g.same {
		kind := p.KindOfSame(i, int(j))
		if kind == pair.KindCopy || kind == pair.KindKeptCopy {
			count.copies++
		}
		if kind != pair.KindPositive && kind != pair.KindKeptCopy {
			continue
		}
		sim := float32(0)
		if p.Columns.Holds(int(j)) {
			sim = kernel.Dot(anchor, p.Columns.Row(room, p.Dim, int(j)))
		}
		g.cols, g.sims = append(g.cols, j), append(g.sims, sim)
	}
	count.pos = len(g.cols)
	count.neg = len(p.Columns.Labels) - len(g.same)
}

// negative is one more pair of a fewRow.
type negative struct {
	column int
	sim    float32
}

// fewRow is a row of an anchor's positives, and of few negatives, with room for
// weights.
type fewRow struct {
	pair.Row
	more   []negative
	weight []float32
	wide   []float32 // room for a column stored in 16 bits
}

// set makes r the row of anchor i's positives, and of the negatives in r.more, by
// ascending column.
func (r *fewRow) set(p *pair.Problem, i int, g *gathered) {
	r.Row = pair.Row{Anchor: i, Problem: p, Columns: r.Columns[:0], Neg: r.Neg[:0], Pos: r.Pos[:0], Scratch: r.Scratch}
	none, more := float32(math.Inf(-1)), r.more
	for k := 0; k < len(g.cols) || len(more) > 0; {
		if len(more) > 0 && (k == len(g.cols) || more[0].column < int(g.cols[k])) {
			r.Columns, r.Neg = append(r.Columns, int32(more[0].column)), append(r.Neg, more[0].sim)
			more = more[1:]
			continue
		}
		r.Pos = append(r.Pos, pair.Positive{Col: len(r.Columns), Sim: g.sims[k], Multiplicity: 1})
		r.Columns, r.Neg = append(r.Columns, g.cols[k]), append(r.Neg, none)
		k++
	}
	r.Scratch = room.Sized(r.Scratch, len(r.Columns))
}
