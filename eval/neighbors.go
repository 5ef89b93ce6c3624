package eval

import (
	"fmt"
	"math"
	"sync"

	"crossbatch/xbm/kernel"
)

// The similarities of a block of queries with a tile of embeddings stay within
// a core's second-level cache.
const (
	queryBlock = 192
	rowTile    = 384
	tileStride = rowTile + 16 // keeps rows that lie above one another out of one cache set
)

// longestRow is the length up to which sums of squared distances stay within
// float32.
const longestRow = 1e18

// Neighbors returns for each embedding (n×dim, row-major) the indices of its k
// nearest others, n×k, nearest first, equal distances by index. k is at most
// n-1. See [Search] for the order.
func Neighbors(embeddings []float32, dim, k int) ([]int32, error) {
	if dim < 1 || len(embeddings)%dim != 0 || k < 0 {
		k = 0 // Search says what is wrong
	}
	found := make([]int32, len(embeddings)/max(1, dim)*k)
	err := Search(embeddings, dim, k, func(query int, nearest []int32) { copy(found[query*k:], nearest) })
	if err != nil {
		return nil, err
	}
	return found, nil
}

// Search is Neighbors without room for all of them: it hands each query's to
// visit, once, which may be called concurrently and must not keep them. The
// order is that of the distances ‖a-b‖ computed in float64 from the rows:
// products in float32 only choose the candidates, with more slack than their
// rounding can take up. Beside what visit does, it takes a few MiB a thread, and
// 1.5 KiB for each of the k.
func Search(embeddings []float32, dim, k int, visit func(query int, nearest []int32)) error {
	if dim < 1 || len(embeddings)%dim != 0 {
		return fmt.Errorf("eval: %d numbers in embeddings of %d", len(embeddings), dim)
	}
	n := len(embeddings) / dim
	if k < 0 || k > max(0, n-1) {
		return fmt.Errorf("eval: %d neighbours among %d others: give 0 to %d", k, max(0, n-1), max(0, n-1))
	}
	s := search{embeddings: embeddings, dim: dim, n: n, k: k, visit: visit, halves: make([]float32, n)}
	for i := range s.halves {
		var sum float64
		for _, x := range s.row(i) {
			sum += float64(x) * float64(x)
		}
		s.halves[i] = float32(-sum / 2)
		s.longest = max(s.longest, math.Sqrt(sum))
	}
	if s.longest > longestRow {
		return fmt.Errorf("eval: an embedding has length %g: more than %g leaves float32", s.longest, longestRow)
	}
	if k == 0 {
		for q := range n {
			visit(q, nil)
		}
		return nil
	}
	block := min(queryBlock, max(16, n/32))
	kernel.Parallel((n+block-1)/block, func(b int) { s.block(b*block, min(block, n-b*block)) })
	return nil
}

// search is what all blocks of one Search share.
type search struct {
	embeddings []float32
	dim, n, k  int
	visit      func(query int, nearest []int32)
	halves     []float32 // -‖row‖²/2
	longest    float64   // largest ‖row‖
	spaces     sync.Pool
}

// space is one thread's scratch.
type space struct {
	nearness [queryBlock * tileStride]float32
	places   [rowTile + kernel.FindSlack]int32
	nearest  []nearest
	found    []int32

	kept       []int32 // places of the candidates that stay
	keys, room []uint64
	exact      []exactly
}

func (s *search) row(i int) []float32 { return s.embeddings[i*s.dim : (i+1)*s.dim] }

// block searches for the queries [q, q+rows). The nearness of a row x to a query
// is q·x - ‖x‖²/2, which falls as their distance grows.
func (s *search) block(q, rows int) {
	sp, ok := s.spaces.Get().(*space)
	if !ok {
		sp = &space{nearest: make([]nearest, queryBlock), found: make([]int32, s.k)}
	}
	defer s.spaces.Put(sp)
	nearness, places, nearest := sp.nearness[:], sp.places[:], sp.nearest
	for i := range rows {
		nearest[i].begin(s.k, s.slack(q+i))
	}
	for j := 0; j < s.n; j += rowTile {
		cols := min(rowTile, s.n-j)
		for i := range rows {
			copy(nearness[i*tileStride:][:cols], s.halves[j:])
		}
		kernel.GemmSerial(rows, cols, s.dim, 1, kernel.Mat{Data: s.embeddings[q*s.dim:], Stride: s.dim},
			kernel.Mat{Data: s.embeddings[j*s.dim:], Stride: s.dim, Trans: true}, 1, kernel.Mat{Data: nearness, Stride: tileStride})
		for i := range rows {
			row := nearness[i*tileStride:][:cols]
			if itself := q + i - j; itself >= 0 && itself < cols {
				row[itself] = float32(math.Inf(-1))
			}
			if found := kernel.FindAbove(places, row, nearest[i].bound); found > 0 {
				nearest[i].add(row, places[:found], int32(j), sp)
			}
		}
	}
	for i := range rows {
		s.visit(q+i, nearest[i].ranked(sp, func(j int32) float64 {
			return kernel.SquaredDistance(s.row(q+i), s.row(int(j)))
		}))
	}
}

// slack is twice what rounding can do to the nearness of any row to query q: a
// rounding of float32 for each product, whose sizes add up to no more than
// ‖q‖·‖row‖, and a few of the whole, more where a product is taken in pieces.
func (s *search) slack(q int) float32 {
	const unit = 1.0 / (1 << 24)
	products := math.Sqrt(-2*float64(s.halves[q])) * s.longest
	whole := float64(4 + s.dim/64)
	return float32(2 * unit * ((float64(s.dim)+2*whole)*products + whole*s.longest*s.longest))
}
