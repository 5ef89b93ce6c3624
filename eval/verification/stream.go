package verification

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"crossbatch/xbm/kernel"
)

// mostHeld is how many distinct distances of positive pairs are held at a time, 32 bytes
// each and as many again: where there are more, all pairs are gone through again.
const mostHeld = 1 << 20

// source is a number of pairs, in blocks that can be gone through at once by several
// goroutines, and again.
type source interface {
	size() (positives, negatives int64)
	blocks() int
	positives(block int, visit func(square float64))
	negatives(block int, visit func(square float64))
}

// stream makes the steps of the curve of some pairs, in order.
type stream struct {
	pairs    source
	room     int      // 0: mostHeld
	extra    *float64 // a squared distance that is to be a step too
	progress func(done, of int)
}

func (s *stream) steps(visit func(step)) {
	if s.room == 0 {
		s.room = mostHeld
	}
	last := math.Inf(-1)
	for {
		steps := s.gather(last)
		if len(steps) == 0 {
			return
		}
		s.count(last, steps)
		for _, x := range steps {
			visit(x)
		}
		last = steps[len(steps)-1].square
	}
}

// gather returns the smallest distinct distances of positive pairs above last, as many
// as there is room for, ascending.
func (s *stream) gather(last float64) []step {
	var held []step
	if s.extra != nil && *s.extra > last {
		held = append(held, step{square: *s.extra})
	}
	var lock sync.Mutex
	var most atomic.Uint64 // bits of a distance above which there is no room
	most.Store(math.Float64bits(math.Inf(1)))
	settle := func() {
		slices.SortFunc(held, func(a, b step) int { return cmp.Compare(a.square, b.square) })
		n := 0
		for _, x := range held {
			if n > 0 && held[n-1].square == x.square {
				held[n-1].positives += x.positives
				continue
			}
			held[n] = x
			n++
		}
		if held = held[:n]; n > s.room {
			held = held[:s.room]
			most.Store(math.Float64bits(held[s.room-1].square))
		}
	}
	s.parallel(func(block int) {
		var found []step
		take := func() {
			lock.Lock()
			defer lock.Unlock()
			if held = append(held, found...); len(held) >= 2*s.room {
				settle()
			}
			found = found[:0]
		}
		s.pairs.positives(block, func(square float64) {
			if square <= last || square > math.Float64frombits(most.Load()) {
				return
			}
			if found = append(found, step{square: square, positives: 1}); len(found) == 1<<12 {
				take()
			}
		})
		take()
	}, false)
	settle()
	return held
}

// count counts the negative pairs below and at each of steps, above last.
func (s *stream) count(last float64, steps []step) {
	find, end := newFinder(steps), steps[len(steps)-1].square
	counts := make([]atomic.Int64, 2*len(steps))
	s.parallel(func(block int) {
		// Alike distances come in a row: the many pairs of two classes that collapsed.
		at, run := 0, int64(0)
		s.pairs.negatives(block, func(square float64) {
			if square <= last || square > end {
				return
			}
			i := find.at(square)
			place := 2 * i
			if steps[i].square == square {
				place++
			}
			if place != at {
				counts[at].Add(run)
				at, run = place, 0
			}
			run++
		})
		counts[at].Add(run)
	}, true)
	for i := range steps {
		steps[i].below, steps[i].equal = counts[2*i].Load(), counts[2*i+1].Load()
	}
}

func (s *stream) parallel(do func(block int), tell bool) {
	n := s.pairs.blocks()
	var done atomic.Int64
	kernel.Parallel(n, func(b int) {
		do(b)
		if d := done.Add(1); tell && s.progress != nil {
			s.progress(int(d), n)
		}
	})
}

// finder finds the first step that is not below a distance: a table of evenly spaced
// cells says where to look.
type finder struct {
	steps       []step
	first       []int32 // for each cell, the first step that lies in it or a later one
	from, scale float64
}

func newFinder(steps []step) *finder {
	f := &finder{steps: steps, from: steps[0].square}
	cells := min(len(steps), 1<<20)
	if width := steps[len(steps)-1].square - f.from; width > 0 && !math.IsInf(float64(cells)/width, 0) {
		f.scale = float64(cells) / width
	}
	f.first = make([]int32, cells+3)
	cell := 0
	for i, x := range steps {
		for c := f.cell(x.square); cell <= c; cell++ {
			f.first[cell] = int32(i)
		}
	}
	for ; cell < len(f.first); cell++ {
		f.first[cell] = int32(len(steps))
	}
	return f
}

// cell rises with square.
func (f *finder) cell(square float64) int { return max(0, int((square-f.from)*f.scale)) }

// at returns the first step not below square, which is not above all.
func (f *finder) at(square float64) int {
	c := f.cell(square)
	lo, hi := int(f.first[c]), int(f.first[c+1])
	for lo < hi {
		if mid := (lo + hi) / 2; f.steps[mid].square < square {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}
