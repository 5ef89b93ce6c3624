package eval

import (
	"math"
	"slices"

	"crossbatch/xbm/kernel"
)

// mostRelevant is up to how many of a query's class the rank of each is counted;
// of more, the query is ranked against everything instead.
const mostRelevant = 256

// ranks finds the ranks of the rows that are relevant to each query, among all
// rows, without sorting them: the rank of a row is one more than the rows that
// are nearer. It hands each query's to visit, once, ascending, possibly
// concurrently; they must not be kept. The order is that of [Search], to the
// last tie.
func (s *search) ranks(relevant func(query int) []int32, visit func(query int, ranks []int32)) error {
	if err := s.prepare(); err != nil {
		return err
	}
	s.blocks(func(sp *space, q, rows int) { s.rankBlock(sp, q, rows, relevant, visit) })
	return nil
}

// target is a row whose rank is counted.
type target struct {
	exactly
	// Rows of a nearness above over are nearer, of one not above under are not;
	// of those between, the exact distance tells.
	over, under float32
	rank        int32
}

func (s *search) rankBlock(sp *space, q, rows int, relevant func(int) []int32, visit func(int, []int32)) {
	targets := make([][]target, rows)
	for i := range targets {
		targets[i] = s.targets(q+i, relevant(q+i))
	}
	s.tiles(sp, q, rows, func(i, first int, row []float32) {
		for _, t := range targets[i] {
			if place := int(t.index) - first; place >= 0 && place < len(row) {
				row[place] = float32(math.Inf(-1)) // they are counted already
			}
		}
		doubt := false
		for k := range targets[i] {
			t := &targets[i][k]
			nearer := kernel.CountAbove(row, t.over)
			t.rank += int32(nearer)
			doubt = doubt || kernel.CountAbove(row, t.under) > nearer
		}
		if doubt {
			s.settleRanks(q+i, targets[i], first, row)
		}
	})
	for i, found := range targets {
		ranks := make([]int32, len(found))
		for k, t := range found {
			ranks[k] = t.rank
		}
		visit(q+i, ranks)
	}
}

// targets are the rows that are relevant to query q, nearest first, each with its
// rank among them.
func (s *search) targets(q int, relevant []int32) []target {
	own, half := -1, squaredLength(s.query(q))/2
	if s.own != nil {
		own = s.own(q)
	}
	targets := make([]target, 0, len(relevant))
	for _, index := range relevant {
		if int(index) == own {
			continue
		}
		square := kernel.SquaredDistance(s.query(q), s.row(int(index)))
		nearness, slack := half-square/2, float64(s.slack(q))
		targets = append(targets, target{
			exactly: exactly{square, index},
			over:    math.Nextafter32(float32(nearness+slack), float32(math.Inf(1))),
			under:   math.Nextafter32(float32(nearness-slack), float32(math.Inf(-1))),
		})
	}
	slices.SortFunc(targets, func(a, b target) int { return compareExactly(a.exactly, b.exactly) })
	for k := range targets {
		targets[k].rank = int32(k + 1)
	}
	return targets
}

// settleRanks counts the rows of a tile that are too near a target to tell from
// their nearness.
func (s *search) settleRanks(q int, targets []target, first int, row []float32) {
	for c, nearness := range row {
		candidate := exactly{-1, int32(first + c)}
		for k := range targets {
			t := &targets[k]
			if nearness > t.over || !(nearness > t.under) {
				continue
			}
			if candidate.square < 0 {
				candidate.square = kernel.SquaredDistance(s.query(q), s.row(first+c))
			}
			if compareExactly(candidate, t.exactly) < 0 {
				t.rank++
			}
		}
	}
}
