package pair

import (
	"math"

	"crossbatch/xbm/kernel"
)

// gathered is what there is to say of an anchor before any product: the columns
// with its label are found by label, and there are few of them.
type gathered struct {
	same []int32   // columns with the anchor's label, ascending: positives, copies and itself
	cols []int32   // of them, the positives
	sims []float32 // their similarities
}

// mostGathered limits the pairs that are gathered: beyond, positives are common
// enough to be left to the tiles.
const mostGathered = 1 << 17

// gather fills e.gathered and e.counts, or returns false where there are too
// many positives.
func (e *Engine) gather(p *Problem) bool {
	n, m := len(p.Anchors.Labels), len(p.Columns.Labels)
	e.gathered = sizedTo(e.gathered, n)
	e.counts = zeroed(e.counts, n)
	most := mostGathered / max(1, n)
	kernel.Parallel(blocks(n, gatherBlock), func(b int) {
		ws := e.workspace()
		defer e.spaces.Put(ws)
		for i := b * gatherBlock; i < min(n, (b+1)*gatherBlock); i++ {
			g := &e.gathered[i]
			g.same, g.cols, g.sims = g.same[:0], g.cols[:0], g.sims[:0]
			for first := 0; first < m && len(g.same) <= most; first += columnTile {
				labels := p.Columns.Labels[first:min(m, first+columnTile)]
				found := kernel.FindEqual(ws.places, labels, p.Anchors.Labels[i])
				for _, c := range ws.places[:found] {
					g.same = append(g.same, int32(first)+c)
				}
			}
			e.sort(p, i, g, &ws.wide)
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
func (e *Engine) sort(p *Problem, i int, g *gathered, room *[]float32) {
	count := &e.counts[i]
	anchor := p.Anchors.Rows[i*p.Dim : (i+1)*p.Dim]
	for _, j := range g.same {
		own, isCopy := p.isSample(i, int(j))
		if isCopy {
			count.copies++
		}
		if own || isCopy && p.SameID {
			continue
		}
		g.cols = append(g.cols, j)
		g.sims = append(g.sims, kernel.Dot(anchor, p.Columns.from(room, p.Dim, int(j), 1)))
	}
	count.pos = len(g.cols)
	count.neg = len(p.Columns.Labels) - len(g.same)
}

// isSample says whether column j holds the very embedding of anchor i, and
// whether it holds another one of the same sample.
func (p *Problem) isSample(i, j int) (own, isCopy bool) {
	if p.Own != nil && p.Own[i] == j {
		return true, false
	}
	if p.Anchors.IDs == nil || p.Columns.IDs == nil || p.Columns.IDs[j] != p.Anchors.IDs[i] {
		return false, false
	}
	return false, !p.Views || p.Columns.Births != nil && p.Columns.Births[j] != p.Step
}

// positives makes r the row of anchor i's positives, and of one negative more
// where there is one, by ascending column.
func (e *Engine) positives(r *Row, p *Problem, i int, negative extreme) {
	g := &e.gathered[i]
	*r = Row{Anchor: i, problem: p, cols: r.cols[:0], Neg: r.Neg[:0], Pos: r.Pos[:0], weight: r.weight, wide: r.wide}
	none := float32(math.Inf(-1))
	extra := negative.col >= 0
	add := func() {
		r.cols, r.Neg = append(r.cols, int32(negative.col)), append(r.Neg, negative.sim)
		extra = false
	}
	for k, j := range g.cols {
		if extra && negative.col < int(j) {
			add()
		}
		r.Pos = append(r.Pos, Positive{Col: len(r.cols), Sim: g.sims[k], Times: 1})
		r.cols, r.Neg = append(r.cols, j), append(r.Neg, none)
	}
	if extra {
		add()
	}
}
