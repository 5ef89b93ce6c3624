package engine

import (
	"fmt"
	"math"

	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/pair"
)

// shared is what ranks tell each other of columns that are shared out to them. Every rank
// knows the label of each column, and so which are positives; the rank that has a row takes
// its products:
//
//  1. similarities of positives, all of which all ranks get;
//  2. sums over the negatives, by part, for the loss to join: then it is the same on all ranks;
//  3. the gradient, which is added up.
type shared struct {
	near    map[place]float64 // squared distances that others must know
	sims    []float32
	own, of []float64 // parts' sums: of this rank, and of all
}

// place is a pair of an anchor and a column.
type place struct{ anchor, column int }

// RunShared is Run for columns that are shared out to Columns.Ranks, which all call it with
// the same anchors and get the same gradient and summary. It differs from that of one process
// by rounding. pair.CheckRanks says which losses it takes. After an error a rank is lost.
func (e *Engine) RunShared(dst []float32, p *pair.Problem, l pair.Loss) (pair.Summary, error) {
	if err := pair.CheckRanks(l); err != nil {
		return pair.Summary{}, err
	}
	clear(dst)
	e.shared.near = map[place]float64{}
	p.Far = func(anchor, column int) (float64, bool) {
		square, known := e.shared.near[place{anchor, column}]
		return square, known
	}
	if e.Inspect != nil {
		e.Inspect.Begin(len(p.Anchors.Labels))
	}
	_, err := e.runFast(dst, p, l, math.MaxInt)
	if err == nil && e.Inspect != nil {
		err = e.inspectShared(p, l)
	}
	if err == nil {
		err = p.Columns.Ranks.Add(dst)
	}
	if err != nil {
		return pair.Summary{}, fmt.Errorf("xbm: the memory of all ranks: %w", err)
	}
	return e.summary(l), nil
}

// ranksOf is the number of ranks that the columns are with.
func ranksOf(p *pair.Problem) int {
	if p.Columns.Ranks == nil {
		return 1
	}
	return p.Columns.Ranks.Size()
}

// firstPart is the number of this rank's first part, where each has so many.
func firstPart(p *pair.Problem, parts int) int {
	if p.Columns.Ranks == nil {
		return 0
	}
	return p.Columns.Ranks.Rank() * parts
}

// placesHere are the places, among the columns that are here, of those of a list that are.
func placesHere(p *pair.Problem, columns []int32) (places []int32) {
	size := int32(ranksOf(p))
	for _, j := range columns {
		if p.Columns.Holds(int(j)) {
			places = append(places, j/size)
		}
	}
	return places
}

// columnsOf lists the columns of a tile, nil where they follow one another.
func columnsOf(ws *workspace, p *pair.Problem, first, n int) []int32 {
	if p.Columns.Ranks == nil {
		return nil
	}
	ws.columns = ws.columns[:0]
	for k := range n {
		ws.columns = append(ws.columns, int32(p.Columns.Index(first+k)))
	}
	return ws.columns
}

// joinPositives has all ranks know the similarities of all positives.
func (e *Engine) joinPositives(p *pair.Problem) error {
	if p.Columns.Ranks == nil {
		return nil
	}
	sims := e.shared.sims[:0]
	for i := range e.gathered {
		sims = append(sims, e.gathered[i].sims...)
	}
	e.shared.sims = sims
	if err := p.Columns.Ranks.Add(sims); err != nil {
		return err
	}
	var near []place
	for i := range e.gathered {
		g := &e.gathered[i]
		sims = sims[copy(g.sims, sims):]
		for k, j := range g.cols {
			if g.sims[k] >= pair.NearlyOne {
				near = append(near, place{i, int(j)})
			}
		}
	}
	return e.joinNear(p, near)
}

// joinMined has all ranks know how far the negatives are that a miner has found.
func (e *Engine) joinMined(p *pair.Problem, m pair.FastMiner) error {
	if p.Columns.Ranks == nil {
		return nil
	}
	var near []place
	m.(pair.PartedMiner).EachNegative(func(anchor, column int, sim float32) {
		if sim >= pair.NearlyOne {
			near = append(near, place{anchor, column})
		}
	})
	return e.joinNear(p, near)
}

// joinNear has all ranks know the squared distances of pairs, which are few.
func (e *Engine) joinNear(p *pair.Problem, near []place) error {
	squares := make([]float32, len(near))
	for k, at := range near {
		if p.Columns.Holds(at.column) {
			squares[k] = float32(p.SquaredDistance(at.anchor, at.column, 1))
		}
	}
	if err := p.Columns.Ranks.Add(squares); err != nil {
		return err
	}
	for k, at := range near {
		e.shared.near[at] = float64(squares[k])
	}
	return nil
}

// joinParts has all ranks know what each has in its parts.
func (e *Engine) joinParts(p *pair.Problem, of any, parts int) error {
	if p.Columns.Ranks == nil {
		return nil
	}
	l, n, size := of.(pair.Parted), len(p.Anchors.Labels), ranksOf(p)
	first, own := firstPart(p, parts), e.shared.own[:0]
	for part := first; part < first+parts; part++ {
		for i := range n {
			own = l.AppendPart(own, part, i)
		}
	}
	e.shared.own, e.shared.of = own, room.Sized(e.shared.of, size*len(own))
	if err := p.Columns.Ranks.Gather(e.shared.of, own); err != nil {
		return err
	}
	rest := e.shared.of
	for part := range size * parts {
		for i := range n {
			rest = l.SetPart(rest, part, i)
		}
	}
	return nil
}

// inspectRow shows the inspection a row of eachPositives, which all ranks have.
func (e *Engine) inspectRow(p *pair.Problem, r *fewRow) {
	if e.Inspect != nil && p.Columns.Ranks != nil && p.Columns.Ranks.Rank() == 0 {
		e.Inspect.Add(&r.Row, r.weight)
	}
}

// inspectShared shows the inspection the negatives of all ranks.
func (e *Engine) inspectShared(p *pair.Problem, l pair.Loss) error {
	if w, _ := wayOf(l); w.chooser == nil {
		// One part: an anchor's rows come one after the other.
		e.sweepParts(p, 1, nil, func(_ int, r *pair.Row, w []float32) (int, float32) {
			l.Weigh(w, r)
			p.MultiplyNegatives(w, r)
			e.Inspect.Add(r, w)
			return 0, 1
		}, nil)
	}
	return e.Inspect.Join(p.Columns.Ranks)
}
