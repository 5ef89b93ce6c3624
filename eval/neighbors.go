package eval

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"crossbatch/xbm/kernel"
)

// Threads share out the queries where these make so many blocks, or rows are few;
// else they share out the rows.
const (
	manyBlocks = 32
	fewRows    = 4 * rowPiece
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
// rounding can take up. Beside what visit does, it takes a few MiB a thread and 1.5 KiB
// for each of the k. Where the processor has tiles of bfloat16, it takes a copy of the
// rows in 16 bits too, up to a GiB, to choose the candidates of those products; else,
// where the candidates of all queries fit in half a GiB, those, and then each product
// serves two queries.
func Search(embeddings []float32, dim, k int, visit func(query int, nearest []int32)) error {
	if dim < 1 || len(embeddings)%dim != 0 {
		return fmt.Errorf("eval: %d numbers in embeddings of %d", len(embeddings), dim)
	}
	s := search{queries: embeddings, gallery: embeddings, others: max(0, len(embeddings)/dim-1), dim: dim, k: k, visit: visit}
	s.own, s.same = func(q int) int { return q }, true
	return s.run()
}

// SearchGallery is [Search] for queries (n×dim) among the rows of a gallery
// (m×dim): k is at most m, and no row is left out.
func SearchGallery(queries, gallery []float32, dim, k int, visit func(query int, nearest []int32)) error {
	if dim < 1 || len(queries)%dim != 0 || len(gallery)%dim != 0 {
		return fmt.Errorf("eval: %d numbers in queries and %d in a gallery, of %d each", len(queries), len(gallery), dim)
	}
	s := search{queries: queries, gallery: gallery, others: len(gallery) / dim, dim: dim, k: k, visit: visit}
	return s.run()
}

func (s *search) run() error {
	if s.k < 0 || s.k > s.others {
		return fmt.Errorf("eval: %d neighbours among %d others: give 0 to %d", s.k, s.others, s.others)
	}
	if err := s.prepare(); err != nil {
		return err
	}
	if s.k == 0 {
		for q := range s.n {
			s.visit(q, nil)
		}
		return nil
	}
	if s.canSieve() {
		s.sift()
		s.blocks(s.block)
		return nil
	}
	if s.canMirror() && s.mirror(mostListed) {
		return nil
	}
	if s.n >= manyBlocks*queryBlock || s.rows < fewRows {
		s.blocks(s.block)
		return nil
	}
	for q := 0; q < s.n; q += queryBlock {
		s.pieces(q, min(queryBlock, s.n-q))
	}
	return nil
}

// prepare takes the lengths of all rows, where they are not known.
func (s *search) prepare() error {
	s.n = len(s.queries) / s.dim
	if s.halves == nil {
		s.rows = len(s.gallery) / s.dim
		s.halves = make([]float32, s.rows)
		s.longest = HalfSquares(s.halves, s.gallery, s.dim)
	}
	longest := s.longest
	for q := range s.n {
		longest = max(longest, math.Sqrt(squaredLength(s.query(q))))
	}
	if longest > longestRow {
		return fmt.Errorf("eval: an embedding has length %g: more than %g leaves float32", longest, longestRow)
	}
	return nil
}

// blocks does the queries in blocks, in parallel.
func (s *search) blocks(do func(sp *space, q, rows int)) {
	block := min(queryBlock, max(16, s.n/manyBlocks))
	kernel.Parallel((s.n+block-1)/block, func(b int) {
		sp := s.space()
		defer s.spaces.Put(sp)
		do(sp, b*block, min(block, s.n-b*block))
	})
}

func (s *search) space() *space {
	if sp, ok := s.spaces.Get().(*space); ok {
		return sp
	}
	return &space{nearest: make([]nearest, queryBlock), found: make([]int32, s.k), row: make([]float32, s.dim)}
}

// search is what all blocks of one Search share.
type search struct {
	queries, gallery []float32
	half             []uint16            // the gallery in 16 bits a number, in place of gallery
	own              func(q int) int     // the row of the gallery that a query is itself; nil for none
	same             bool                // the queries are all rows of the gallery, in their order
	others           int                 // rows that can be a query's neighbours
	left             func(q int) []int32 // rows that are no neighbours of a query, ascending; nil for none
	junk             []int32             // nor these of any
	dim, k           int
	n, rows          int // queries, and rows of the gallery
	visit            func(query int, nearest []int32)
	relevant         func(query int, row int32) bool // if not nil, all that the order is for
	halves           []float32                       // -‖row‖²/2
	longest          float64                         // largest ‖row‖
	sieve            *sieve                          // chooses candidates; nil: none
	spaces           sync.Pool
}

// space is one thread's scratch.
type space struct {
	nearness [queryBlock * tileStride]float32
	places   [rowTile + kernel.FindSlack]int32
	nearest  []nearest
	found    []int32
	row      []float32 // of a gallery in 16 bits
	tile     []float32 // rows of one

	coarse  bool      // nearnesses are those of the sieve
	rounded []uint16  // queries for it
	errors  []float64 // of their rounding

	kept       []int32 // places of the candidates that stay
	keys, room []uint64
	exact      []exactly
}

func (s *search) row(i int) []float32   { return s.gallery[i*s.dim : (i+1)*s.dim] }
func (s *search) query(i int) []float32 { return s.queries[i*s.dim : (i+1)*s.dim] }

func squaredLength(row []float32) float64 {
	var sum float64
	for _, x := range row {
		sum += float64(x) * float64(x)
	}
	return sum
}

// block searches for the queries [q, q+rows).
func (s *search) block(sp *space, q, rows int) {
	nearest := sp.nearest
	if sp.coarse = s.sieve != nil && !s.sieve.useless.Load(); sp.coarse {
		s.beginCoarse(sp, q, rows)
		s.collectCoarse(sp, q, rows)
	} else {
		for i := range rows {
			nearest[i].begin(min(s.k, s.visible(q+i)), s.slack(q+i))
		}
		s.collect(sp, q, rows, 0, s.rows)
	}
	for i := range rows {
		if sp.coarse {
			s.refine(sp, q+i, &nearest[i])
		}
		s.show(sp, q+i, &nearest[i])
	}
}

// collect takes in what of the rows [first, end) may be near the queries
// [q, q+rows).
func (s *search) collect(sp *space, q, rows, first, end int) {
	s.tilesOf(sp, q, rows, first, end, func(i, first int, row []float32) {
		n := &sp.nearest[i]
		if found := kernel.FindAbove(sp.places[:], row, n.bound); found > 0 {
			n.add(row, sp.places[:found], int32(first), sp)
		}
	})
}

// show hands query q's nearest to visit.
func (s *search) show(sp *space, q int, n *nearest) {
	s.visit(q, n.ranked(sp, func(j int32) float64 { return s.square(sp, q, int(j)) }, s.alike(q)))
}

// square is the squared distance of query q and a row.
func (s *search) square(sp *space, q, row int) float64 {
	if s.half == nil {
		return kernel.SquaredDistance(s.query(q), s.row(row))
	}
	kernel.FromHalf(sp.row, s.half[row*s.dim:(row+1)*s.dim])
	return kernel.SquaredDistance(s.query(q), sp.row)
}

// alike tells of rows, by their keys, that all are relevant to query q or none is;
// nil where the order of such matters too.
func (s *search) alike(q int) func(keys []uint64) bool {
	if s.relevant == nil {
		return nil
	}
	return func(keys []uint64) bool {
		first := s.relevant(q, keyIndex(keys[0]))
		for _, key := range keys[1:] {
			if s.relevant(q, keyIndex(key)) != first {
				return false
			}
		}
		return true
	}
}

// slack is twice what rounding can do to the nearness of any row to query q: a
// rounding of float32 for each product, whose sizes add up to no more than
// ‖q‖·‖row‖, and a few of the whole, more where a product is taken in pieces.
func (s *search) slack(q int) float32 {
	const unit = 1.0 / (1 << 24)
	products := math.Sqrt(squaredLength(s.query(q))) * s.longest
	whole := float64(4 + s.dim/64)
	return float32(2 * unit * ((float64(s.dim)+2*whole)*products + whole*s.longest*s.longest))
}

// visible is how many rows can be neighbours of query q.
func (s *search) visible(q int) int {
	hidden, own := len(s.junk), -1
	if s.own != nil {
		own = s.own(q)
	}
	has := func(rows []int32) bool {
		_, is := slices.BinarySearch(rows, int32(own))
		return is
	}
	itself := own >= 0 && !has(s.junk)
	if s.left != nil {
		hidden += len(s.left(q))
		itself = itself && !has(s.left(q))
	}
	if itself {
		hidden++
	}
	return s.rows - hidden
}

// leaveOut keeps from the queries at places what they are not compared with.
func (s *search) leaveOut(v *relevance, places []int) {
	s.junk = v.junk
	if v.taken != nil {
		s.left = func(k int) []int32 { return v.left(places[k]) }
	}
}
