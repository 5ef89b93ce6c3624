package twin

import (
	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/pair"
)

// Record is what miners of one kind choose of a sample: the pairs with their
// multiplicities, and the triplets where there are such. fresh makes a miner; those
// that draw must draw the same each time.
func Record(s Sample, fresh func() pair.Miner) *Selection {
	pairs, triplets := &recorder{}, &recorder{triplets: true}
	s.Run(&pair.Mined{Miner: fresh(), Loss: pairs})
	s.Run(&pair.Mined{Miner: fresh(), Loss: triplets})
	out := &pairs.Selection
	if triplets.isRanked {
		with := triplets.with
		out.Partner = func(i, p, n int) bool { return with[i][[2]int{p, n}] }
	}
	return out
}

// recorder is a loss that writes down what it is shown. Its calls are not
// concurrent where there is one block of anchors; more need no care either, as each
// anchor has places of its own.
type recorder struct {
	Selection
	triplets bool              // it asks for triplets
	ranks    []apart.Ranking   // of each anchor's positives
	with     []map[[2]int]bool // positive and negative of each triplet
	ranked   []bool            // anchors whose negatives came with their positives
	isRanked bool
}

func (l *recorder) Traits() pair.Traits { return pair.Traits{Triplets: l.triplets} }

func (l *recorder) Begin(p *pair.Problem) {
	n := len(p.Anchors.Labels)
	l.ranks, l.ranked = make([]apart.Ranking, n), make([]bool, n)
	for range n {
		l.Kind = append(l.Kind, make([]Kind, len(p.Columns.Labels)))
		l.Times = append(l.Times, make([]int, len(p.Columns.Labels)))
		l.with = append(l.with, map[[2]int]bool{})
	}
}

func (l *recorder) Passes() int                { return 2 }
func (l *recorder) Summary() pair.Summary      { return pair.Summary{} }
func (l *recorder) Weigh([]float32, *pair.Row) {}

func (l *recorder) Fold(pass int, r *pair.Row) {
	if pass == 0 {
		l.ranks[r.Anchor].Add(r)
		for _, p := range r.Pos {
			l.Kind[r.Anchor][r.Column(p.Col)], l.Times[r.Anchor][r.Column(p.Col)] = Positive, int(p.Multiplicity)
		}
		for c, s := range r.Neg {
			if s > pair.NoPair {
				l.Kind[r.Anchor][r.Column(c)], l.Times[r.Anchor][r.Column(c)] = Negative, int(r.Multiplicity(c))
			}
		}
		return
	}
	if r.Partners == nil || !l.triplets {
		return
	}
	l.ranked[r.Anchor] = true
	pos := l.ranks[r.Anchor]
	for c, s := range r.Neg {
		if s <= pair.NoPair {
			continue
		}
		list, lo, hi := r.Partners.Partners(r, c)
		for k := lo; k < hi; k++ {
			rank := k
			if list != nil {
				rank = int(list[k])
			}
			l.with[r.Anchor][[2]int{int(pos[rank].Col), r.Column(c)}] = true
		}
	}
}

func (l *recorder) EndPass(pass int) {
	for i := range l.ranks {
		if pass == 0 {
			l.ranks[i].Sort()
		}
		l.isRanked = l.isRanked || l.ranked[i]
	}
}
