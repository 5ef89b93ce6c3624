package eval

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync/atomic"

	"crossbatch/xbm/kernel"
)

// Gallery is rows that are searched in again and again. What [SearchGallery]
// computes of all rows in every call, HalfSquares and Longest, is given. It is
// only read, and may be used by several goroutines at once.
type Gallery struct {
	Dim  int
	Rows []float32 // n×Dim, row-major
	Half []uint16  // the same as IEEE 754 binary16, in place of Rows

	// HalfSquares is -‖row‖²/2 of each row, as [HalfSquares] has it. -Inf leaves
	// the row out: it is nobody's neighbour.
	HalfSquares []float32
	Longest     float64 // the largest ‖row‖, or more

	// Device narrows a search down, where it can. Nil: the processor does.
	Device Device
}

// Device can take the place of the processor for the products of a search: a
// graphics card, say, that keeps a copy of the gallery. What it finds is ranked by
// the processor, in float64, so that the order is that of a search without it.
type Device interface {
	// Candidates calls found once for each query (queries is n×g.Dim), maybe
	// concurrently, with rows among which the query's k nearest are: each once, in any
	// order, none that is left out. Where rounding leaves it open which row is among
	// them, all that may be are. rows is not kept. It returns false, having called
	// nothing, for a search that it can't take.
	Candidates(g Gallery, queries []float32, k int, found func(query int, rows []int32)) (taken bool)
}

// HalfSquares stores -‖row‖²/2 of rows (n×dim) in dst, of length n, and returns
// the largest ‖row‖.
func HalfSquares(dst, rows []float32, dim int) (longest float64) {
	for i := range dst {
		square := squaredLength(rows[i*dim : (i+1)*dim])
		dst[i] = float32(-square / 2)
		longest = max(longest, math.Sqrt(square))
	}
	return longest
}

// Live is how many rows are not left out.
func (g Gallery) Live() int { return kernel.CountAbove(g.HalfSquares, float32(math.Inf(-1))) }

func (g Gallery) check(queries []float32) error {
	n := len(g.HalfSquares)
	switch {
	case g.Dim < 1:
		return fmt.Errorf("eval: a gallery of rows of %d numbers", g.Dim)
	case g.Rows != nil && g.Half != nil:
		return errors.New("eval: a gallery of rows in 32 bits and in 16: give one")
	case len(g.Rows)+len(g.Half) != n*g.Dim:
		return fmt.Errorf("eval: %d numbers in a gallery of %d rows of %d", len(g.Rows)+len(g.Half), n, g.Dim)
	case len(queries)%g.Dim != 0:
		return fmt.Errorf("eval: %d numbers in queries of %d", len(queries), g.Dim)
	}
	return nil
}

func (g Gallery) search(queries []float32) search {
	return search{queries: queries, gallery: g.Rows, half: g.Half, halves: g.HalfSquares, longest: g.Longest, rows: len(g.HalfSquares), dim: g.Dim}
}

// Search is [SearchGallery] in g, with the same order. k is at most [Gallery.Live].
// A few queries share the rows out among threads, so that one alone takes about as
// long as reading the rows.
func (g Gallery) Search(queries []float32, k int, visit func(query int, nearest []int32)) error {
	if err := g.check(queries); err != nil {
		return err
	}
	s := g.search(queries)
	s.others, s.k, s.visit = g.Live(), k, visit
	if g.Device != nil && k > 0 && k <= s.others {
		if taken, err := s.narrowed(g); taken || err != nil {
			return err
		}
	}
	return s.run()
}

// narrowed searches among what a device finds.
func (s *search) narrowed(g Gallery) (taken bool, err error) {
	if err := s.prepare(); err != nil {
		return false, err
	}
	var short atomic.Int64
	taken = g.Device.Candidates(g, s.queries, s.k, func(q int, rows []int32) {
		if len(rows) < s.k {
			short.Store(int64(q) + 1)
			return
		}
		sp := s.space()
		defer s.spaces.Put(sp)
		exact := make([]exactly, len(rows))
		for i, row := range rows {
			exact[i] = exactly{s.square(sp, q, int(row)), row}
		}
		slices.SortFunc(exact, compareExactly)
		for i := range s.k {
			sp.found[i] = exact[i].index
		}
		s.visit(q, sp.found[:s.k])
	})
	if q := short.Load(); q > 0 {
		return taken, fmt.Errorf("eval: the device found fewer than %d rows for query %d", s.k, q-1)
	}
	return taken, nil
}

// rowPiece is how many rows a thread takes at a time where queries are few.
const rowPiece = 4 * rowTile

// pieces searches for the queries [q, q+queries), no more than queryBlock, in
// pieces of the rows, in parallel. Which thread has which makes no difference: the
// nearest of all are among the nearest of each one's, and the order is exact.
func (s *search) pieces(q, queries int) {
	pieces := (s.rows + rowPiece - 1) / rowPiece
	spaces := make([]*space, min(runtime.GOMAXPROCS(0), pieces))
	var next atomic.Int64
	kernel.Parallel(len(spaces), func(w int) {
		sp := s.space()
		for i := range queries {
			sp.nearest[i].begin(min(s.k, s.visible(q+i)), s.slack(q+i))
		}
		for p := int(next.Add(1)) - 1; p < pieces; p = int(next.Add(1)) - 1 {
			s.collect(sp, q, queries, p*rowPiece, min((p+1)*rowPiece, s.rows))
		}
		spaces[w] = sp
	})
	kernel.Parallel(queries, func(i int) {
		sp := s.space()
		defer s.spaces.Put(sp)
		all := &spaces[0].nearest[i]
		for _, other := range spaces[1:] {
			all.join(&other.nearest[i], sp)
		}
		s.show(sp, q+i, all)
	})
	for _, sp := range spaces {
		s.spaces.Put(sp)
	}
}

// Pair is two rows and the square of their distance.
type Pair struct {
	A, B   int32 // A < B
	Square float64
}

// Pairs hands to visit all pairs of rows that are no farther apart than distance,
// in no order, possibly by several goroutines at once. Rows that are left out are
// in none. It takes the products of all rows with all: O(n²·Dim).
func (g Gallery) Pairs(distance float64, visit func(Pair)) error {
	if err := g.check(nil); err != nil {
		return err
	}
	if g.Half != nil {
		rows := make([]float32, len(g.Half))
		kernel.FromHalf(rows, g.Half)
		g.Rows, g.Half = rows, nil
	}
	s := g.search(g.Rows)
	if err := s.prepare(); err != nil {
		return err
	}
	s.blocks(func(sp *space, q, rows int) {
		s.tilesOf(sp, q, rows, q, s.rows, func(i, first int, row []float32) {
			own := q + i
			half := float64(s.halves[own])
			if math.IsInf(half, -1) {
				return
			}
			// ‖a-b‖²/2 = ‖a‖²/2 - (a·b - ‖b‖²/2), but for rounding.
			bound := float32(-half - distance*distance/2 - float64(s.slack(own)))
			bound = math.Nextafter32(bound, float32(math.Inf(-1)))
			for _, place := range sp.places[:kernel.FindAbove(sp.places[:], row, bound)] {
				other := first + int(place)
				if other <= own {
					continue
				}
				if square := s.square(sp, own, other); square <= distance*distance {
					visit(Pair{int32(own), int32(other), square})
				}
			}
		})
	})
	return nil
}
