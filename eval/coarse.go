package eval

import (
	"math"
	"sync/atomic"

	"crossbatch/xbm/kernel"
)

// sieve is the gallery in bfloat16. Its products, many times as fast on some
// processors, leave a few candidates of which those in float32 are taken: whatever
// rounding to bfloat16 does to a nearness is added to the slack, so that none is lost.
type sieve struct {
	kernel.Coarse
	useless atomic.Bool // rows lie too close for it
}

const (
	coarseRows = 1024    // fewer rows, or queries, are not worth a copy
	mostCoarse = 1 << 29 // numbers of the copy
)

// canSieve tells that few of the rows would be left.
func (s *search) canSieve() bool {
	return kernel.FastCoarse() && s.half == nil && s.n >= coarseRows && s.rows >= max(coarseRows, 8*s.k) &&
		s.rows*kernel.Blocks(s.dim, 32)*32 <= mostCoarse
}

// sift makes the search use a sieve.
func (s *search) sift() {
	s.sieve = new(sieve)
	s.sieve.Set(s.gallery, s.dim)
}

// beginCoarse prepares for the queries [q, q+rows) and their slacks.
func (s *search) beginCoarse(sp *space, q, rows int) {
	if sp.errors == nil {
		sp.errors = make([]float64, queryBlock)
	}
	sp.rounded = s.sieve.Rows(sp.rounded, sp.errors[:rows], s.queries[q*s.dim:(q+rows)*s.dim], s.dim)
	for i := range rows {
		sp.nearest[i].begin(min(s.k, s.visible(q+i)), s.coarseSlack(q+i, sp.errors[i]))
	}
}

// coarseSlack is slack for rounded rows: by Cauchy and Schwarz,
//
//	|q·x - q'·x'| ≤ ‖q-q'‖·‖x‖ + ‖q'‖·‖x-x'‖,
//
// and the smallest numbers count as zeros.
func (s *search) coarseSlack(q int, rounded float64) float32 {
	length := math.Sqrt(squaredLength(s.query(q)))
	off := rounded*s.longest + (length+rounded)*s.sieve.Error
	tiny := 0x1p-126 * float64(s.dim+1) * (2 + length + s.longest)
	return math.Nextafter32(s.slack(q)*1.02+float32(2*(off+tiny)), float32(math.Inf(1)))
}

// collectCoarse is collect of products of the sieve. What the rows' halves leave of a
// tile's products is only looked at where the largest of the halves would let it pass.
func (s *search) collectCoarse(sp *space, q, rows int) {
	most := float32(math.Inf(-1))
	s.tiles(sp, q, rows, func(i, first int, row []float32) {
		halves, n := s.halves[first:first+len(row)], &sp.nearest[i]
		if i == 0 {
			most = kernel.Max(halves)
		}
		// In float64 the difference is exact enough, and it is rounded down.
		bound := math.Nextafter32(float32(float64(n.bound)-float64(most)), float32(math.Inf(-1)))
		found := sp.places[:kernel.FindAbove(sp.places[:], row, bound)]
		kept := found[:0]
		for _, place := range found {
			if row[place] += halves[place]; row[place] > n.bound {
				kept = append(kept, place)
			}
		}
		if len(kept) > 0 {
			n.add(row, kept, int32(first), sp)
		}
	})
}

// refine takes the nearnesses of query q's candidates anew, in float32.
func (s *search) refine(sp *space, q int, n *nearest) {
	if len(n.index) > n.k {
		n.drop(sp)
	}
	if len(n.index) > 4*n.k+s.rows/16 {
		s.sieve.useless.Store(true)
	}
	n.slack = s.slack(q)
	for i, index := range n.index {
		n.nearness[i] = kernel.Dot(s.query(q), s.row(int(index))) + s.halves[index]
	}
}
