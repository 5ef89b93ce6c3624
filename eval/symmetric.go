package eval

import (
	"math"
	"sync"
	"sync/atomic"

	"crossbatch/xbm/kernel"
)

// A set that is searched among itself has each product twice: that of rows a and b is
// that of b and a. Taken once for both, half of them are saved; but then the
// candidates of all queries are kept at the same time.
const (
	symmetricRows = 16 * rowTile // fewer rows are not worth it
	symmetricEach = 100          // nor fewer for each of the k: most of the time goes to the lists
	mostListed    = 1 << 26      // candidates of all queries together, of 8 bytes each
)

// listed is how many candidates a list has room for before some are dropped.
func listed(k int) int { return k + k/2 + 32 }

// canMirror tells that each product serves two queries, and that there is room for
// the candidates of all.
func (s *search) canMirror() bool {
	return s.same && s.left == nil && len(s.junk) == 0 && s.rows >= max(symmetricRows, symmetricEach*s.k) && s.rows*listed(s.k) <= mostListed
}

// mirrored is a search of a set among itself that takes each product once.
type mirrored struct {
	*search
	nearest []nearest // of each row
	bounds  []float32 // theirs, next to one another
	locks   []sync.Mutex
	most    int64        // candidates that there is room for
	grown   atomic.Int64 // of them, what lists have taken
}

// mirror searches the set among itself. Where lists outgrow the room for most
// candidates, as they may where many rows are as near as the last, it returns false and
// has visited nothing. Which thread finds a candidate first makes no difference: the
// nearest are among the candidates, and their order is exact.
func (s *search) mirror(most int) bool {
	m := mirrored{search: s, most: int64(most)}
	m.prepareLists()
	blocks := len(m.locks)
	// As in a round of a tournament, block i meets the block that lies d after it, and
	// round: each two meet once.
	meetings := (blocks-1)/2*blocks + blocks
	if blocks%2 == 0 {
		meetings += blocks / 2
	}
	kernel.Parallel(meetings, func(t int) {
		if m.grown.Load() > m.most {
			return
		}
		sp := s.space()
		defer s.spaces.Put(sp)
		m.meet(sp, t%blocks, (t%blocks+t/blocks)%blocks)
	})
	if m.grown.Load() > m.most {
		return false
	}
	s.blocks(func(sp *space, q, rows int) {
		for i := range rows {
			s.show(sp, q+i, &m.nearest[q+i])
		}
	})
	return true
}

func (m *mirrored) prepareLists() {
	room := listed(m.k)
	m.nearest, m.bounds = make([]nearest, m.rows), make([]float32, m.rows)
	m.locks = make([]sync.Mutex, kernel.Blocks(m.rows, rowTile))
	nearness, index := make([]float32, m.rows*room), make([]int32, m.rows*room)
	for q := range m.nearest {
		n := &m.nearest[q]
		n.nearness, n.index = nearness[q*room:q*room:(q+1)*room], index[q*room:q*room:(q+1)*room]
		n.begin(m.k, m.slack(q))
		n.most = room
		m.bounds[q] = n.bound
	}
	m.grown.Store(int64(m.rows * room))
}

// meet takes in what the rows of blocks a and b are to each other.
func (m *mirrored) meet(sp *space, a, b int) {
	j := b * rowTile
	cols := min(rowTile, m.rows-j)
	end := min(m.rows, (a+1)*rowTile)
	for q := a * rowTile; q < end; q += queryBlock {
		rows := min(queryBlock, end-q)
		m.products(sp, q, rows, j, cols)
		m.locks[a].Lock()
		for i := range rows {
			row := sp.nearness[i*tileStride:][:cols]
			if a == b {
				row[q+i-j] = float32(math.Inf(-1))
			}
			for _, place := range sp.places[:kernel.FindAbove(sp.places[:], row, m.bounds[q+i])] {
				m.add(sp, q+i, row[place], j+int(place))
			}
		}
		m.locks[a].Unlock()
		if a == b {
			continue
		}
		m.locks[b].Lock()
		for i := range rows {
			row := sp.nearness[i*tileStride:][:cols]
			for _, place := range sp.places[:kernel.FindAboveEach(sp.places[:], row, m.bounds[j:j+cols])] {
				m.add(sp, j+int(place), row[place], q+i)
			}
		}
		m.locks[b].Unlock()
	}
}

// products stores what the rows [q, q+rows) and [j, j+cols) are to each other: with
// a·b - ‖a‖²/2 - ‖b‖²/2, the nearness of b to a is that of a to b.
func (m *mirrored) products(sp *space, q, rows, j, cols int) {
	nearness := sp.nearness[:]
	for i := range rows {
		half := m.halves[q+i]
		for c, other := range m.halves[j : j+cols] {
			nearness[i*tileStride+c] = half + other
		}
	}
	kernel.GemmSerial(rows, cols, m.dim, 1, kernel.Mat{Data: m.queries[q*m.dim:], Stride: m.dim},
		kernel.Mat{Data: m.gallery[j*m.dim:], Stride: m.dim, Trans: true}, 1, kernel.Mat{Data: nearness, Stride: tileStride})
}

// add takes in a candidate of query q, which may have been dropped meanwhile.
func (m *mirrored) add(sp *space, q int, nearness float32, index int) {
	n := &m.nearest[q]
	if !(nearness > n.bound) {
		return
	}
	n.nearness, n.index = append(n.nearness, nearness), append(n.index, int32(index))
	if len(n.index) < n.most {
		return
	}
	room := n.most
	n.drop(sp)
	m.bounds[q] = n.bound
	m.grown.Add(int64(n.most - room))
}
