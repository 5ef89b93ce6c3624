//go:build nvidia

package cuda

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// mostPeaks is what the peaks of a block of queries take at most, in bytes.
const mostPeaks = 64 << 20

// leastRoom is how many candidates a query has room for, beside twice k.
const leastRoom = 256

// search is what one search has on the device.
type search struct {
	carrier
	g                              Rows
	k, n, m, stride, groups, parts int
	gallery, halves                buffer
	queries, slacks, least         buffer
	peaks, counts, found           buffer
}

// Candidates returns for each query (n×Dim) the rows among which its k nearest are: those
// of query q are lists[first[q]:first[q+1]], in no order. Products are of float32; what
// their rounding can do to a nearness is bounded, and rows that it leaves open are all
// there.
func (c *Context) Candidates(g Rows, queries []float32, k int) (lists []int32, first []int, err error) {
	s := &search{carrier: carrier{c: c, precision: FP32}, g: g, k: k, n: len(queries) / g.Dim, m: len(g.HalfSquares)}
	s.stride, s.groups = s.strideOf(g.Dim), (s.m+7)/8
	block := max(tile, min(4096, mostPeaks/(4*s.groups))/tile*tile)
	err = c.do(func() error {
		defer s.close()
		if err := s.begin(min(block, s.n)); err != nil {
			return err
		}
		first = append(first, 0)
		for q := 0; q < s.n; q += block {
			if err := s.block(queries[q*g.Dim:min(s.n, q+block)*g.Dim], &lists, &first); err != nil {
				return err
			}
		}
		return nil
	})
	return lists, first, err
}

// begin brings the gallery to the device, and takes room for a block of queries.
func (s *search) begin(queries int) error {
	c := s.c
	err := c.arena.all([]need{
		{&s.gallery, fmt.Sprintf("the %d rows that are searched in", s.m), 4 * s.m * s.stride}, {&s.halves, "lengths", 4 * s.m},
		{&s.queries, "queries", 4 * queries * s.stride}, {&s.slacks, "queries", 4 * queries}, {&s.least, "queries", 4 * queries}, {&s.counts, "queries", 4 * queries},
		{&s.peaks, "peaks of nearness", 4 * queries * s.groups},
	}...)
	if err != nil {
		return err
	}
	if err := upload(c, &s.halves, s.g.HalfSquares); err != nil {
		return err
	}
	for i, most := 0, atATime(s.g.Dim); i < s.m; i += most {
		n := min(most, s.m-i)
		if err := s.scatter(&s.gallery, s.g.At(i, n), s.from(i, n), s.g.Dim, s.stride); err != nil {
			return err
		}
	}
	s.parts = max(1, min((s.m+tile-1)/tile, 4*c.info.Processors/max(1, (queries+tile-1)/tile)))
	return nil
}

// slack is twice what rounding can do to the nearness of any row to the query. Each factor
// is a sum of two of TF32, to 22 bits; three products each are added up in float32, which
// tensor cores truncate; the sizes of the products add up to no more than ‖query‖·Longest.
func (s *search) slack(query []float32) float32 {
	var square float64
	for _, x := range query {
		square += float64(x) * float64(x)
	}
	products := math.Sqrt(square) * s.g.Longest
	off := (4.0/(1<<22)+float64(3*s.stride+8)/(1<<23))*products + 4.0/(1<<23)*s.g.Longest*s.g.Longest
	return math.Nextafter32(float32(2*off), math.MaxFloat32)
}

// block searches for a block of queries, and appends what it finds.
func (s *search) block(queries []float32, lists *[]int32, first *[]int) error {
	c, n := s.c, len(queries)/s.g.Dim
	slacks := make([]float32, n)
	for q := range slacks {
		slacks[q] = s.slack(queries[q*s.g.Dim : (q+1)*s.g.Dim])
	}
	grid := [3]int{s.parts, (n + tile - 1) / tile, 1}
	if err := errors.Join(s.scatter(&s.queries, queries, s.from(0, n), s.g.Dim, s.stride), upload(c, &s.slacks, slacks)); err != nil {
		return err
	}
	if s.k > s.groups {
		// Fewer peaks than are wanted say nothing: all rows are candidates.
		if err := upload(c, &s.least, slices.Repeat([]float32{-math.MaxFloat32}, n)); err != nil {
			return err
		}
	} else {
		if err := c.launch("peaks", grid, sharedBytes, &s.queries, &s.gallery, &s.halves, &s.peaks, n, s.m, s.stride, s.groups); err != nil {
			return err
		}
		if err := c.launch("kth", [3]int{n, 1, 1}, 258*4, &s.peaks, &s.slacks, &s.least, s.groups, s.k); err != nil {
			return err
		}
	}
	counts, zeros := make([]int32, n), make([]int32, n)
	for room := min(s.m, 2*s.k+leastRoom); ; room = int(slices.Max(counts)) {
		if err := errors.Join(c.arena.sized(&s.found, "candidates", int64(4*n*room)), upload(c, &s.counts, zeros)); err != nil {
			return err
		}
		if err := c.launch("near", grid, sharedBytes, &s.queries, &s.gallery, &s.halves, &s.least, &s.counts, &s.found, n, s.m, s.stride, room); err != nil {
			return err
		}
		if err := errors.Join(download(c, counts, &s.counts), c.wait()); err != nil {
			return err
		}
		if int(slices.Max(counts)) > room {
			continue // once more, with room for all
		}
		found := make([]int32, n*room)
		if err := errors.Join(download(c, found, &s.found), c.wait()); err != nil {
			return err
		}
		for q, count := range counts {
			*lists = append(*lists, found[q*room:][:count]...)
			*first = append(*first, len(*lists))
		}
		return nil
	}
}

// close gives the room back.
func (s *search) close() {
	s.c.arena.release(&s.gallery, &s.halves, &s.queries, &s.slacks, &s.least, &s.peaks, &s.counts, &s.found, &s.rows, &s.places)
}
