//go:build nvidia

package cuda

import (
	"errors"
	"fmt"
	"slices"

	"crossbatch/xbm/pair"
)

// Memory keeps a copy of a memory's rows on the device and sweeps over it. It implements
// [pair.Sweeper]. One memory at a time: another one's rows take the place.
type Memory struct {
	carrier
	problem *pair.Problem
	stride  int // numbers of a row on the device
	parts   int

	held   int          // rows of the ring that are there
	writes *pair.Writes // of what is there
	last   int64        // see pair.Writes.Since
	wide   []float32
	floats []float32
	live   []int32

	ring, labels, factors        buffer
	anchors, anchorLabels        buffer
	above, below                 buffer
	aparts, first, ranks         buffer
	tops, sums, counts           buffer
	gradients, weights, combined buffer
}

// NewMemory returns a memory on the device, empty.
func (c *Context) NewMemory(p Precision) *Memory {
	return &Memory{carrier: carrier{c: c, precision: p}}
}

// Tiles that kernels cut anchors and columns into, and what a block takes: see kernel/tile.h.
const (
	tile        = 64
	threads     = 128
	pieceBytes  = 128
	sharedBytes = 3*2*tile*144 + 32*threads*4
	gradientCut = 128 // numbers of the gradient that a block takes
)

// most of what parts' gradients take, in bytes, and of the parts.
const (
	mostGradients = 64 << 20
	mostParts     = 512
)

// Begin implements [pair.Sweeper]: it brings what has changed to the device.
func (m *Memory) Begin(p *pair.Problem) (taken bool, err error) {
	n, columns := len(p.Anchors.Labels), len(p.Columns.Labels)
	if n == 0 || columns == 0 || p.Columns.Scale != nil {
		return false, nil
	}
	stride := m.strideOf(p.Dim)
	if stride != m.stride {
		m.stride, m.writes, m.held = stride, nil, 0
	}
	m.problem = p
	across := (n + tile - 1) / tile
	m.parts = max(1, min((columns+tile-1)/tile, mostParts, 4*m.c.info.Processors/across, mostGradients/(4*n*stride)))
	return true, m.c.do(func() error {
		if err := m.room(n, columns); err != nil {
			return err
		}
		if err := m.follow(&p.Columns); err != nil {
			return err
		}
		if err := errors.Join(upload(m.c, &m.labels, p.Columns.Labels), upload(m.c, &m.anchorLabels, p.Anchors.Labels)); err != nil {
			return err
		}
		if p.Columns.Factors != nil {
			if err := upload(m.c, &m.factors, p.Columns.Factors); err != nil {
				return err
			}
		}
		return m.scatter(&m.anchors, p.Anchors.Rows, m.from(0, n), p.Dim, m.stride)
	})
}

// room has all buffers as long as the problem needs them.
func (m *Memory) room(n, columns int) error {
	number := m.numberBytes()
	if need := int64(columns * m.stride * number); m.ring.size < need {
		m.writes = nil                                        // what was there is lost
		columns = max(columns, cap(m.problem.Columns.Labels)) // a memory that fills has a place for each row
	}
	parts := m.parts * n
	return m.c.arena.all([]need{
		{&m.ring, fmt.Sprintf("the memory's %d rows of %d numbers in %v", columns, m.stride, m.precision), columns * m.stride * number},
		{&m.labels, "labels", 4 * columns}, {&m.factors, "factors", 4 * columns},
		{&m.anchors, "the batch", n * m.stride * number}, {&m.anchorLabels, "the batch's labels", 4 * n},
		{&m.above, "bounds", 4 * n}, {&m.below, "bounds", 4 * n}, {&m.first, "ranks", 4 * (n + 1)},
		{&m.tops, "sums", 4 * parts}, {&m.sums, "sums", 4 * parts}, {&m.counts, "sums", 4 * parts}, {&m.weights, "factors", 4 * parts},
		{&m.gradients, fmt.Sprintf("the gradients of %d parts", m.parts), 4 * parts * m.stride}, {&m.combined, "the gradient", 4 * n * m.problem.Dim},
	}...)
}

// follow brings the rows that have changed to the device.
func (m *Memory) follow(s *pair.Side) error {
	held, dim := len(s.Labels), m.problem.Dim
	slots, known := m.slots[:0], false
	if s.Writes != nil && s.Writes == m.writes {
		slots, known = s.Writes.Since(m.last, slots)
	}
	if !known {
		slots = slots[:0]
		m.held = 0
	}
	for i := m.held; i < held; i++ {
		slots = append(slots, int32(i))
	}
	m.slots, m.held = slots, held
	if m.writes = s.Writes; s.Writes != nil {
		m.last = s.Writes.Last()
	}
	for some := range slices.Chunk(slots, atATime(dim)) {
		m.floats, m.live = m.floats[:0], m.live[:0]
		for _, i := range some {
			if int(i) < held { // a row that was dropped since is of no matter
				m.floats = append(m.floats, s.At(&m.wide, dim, int(i), 1)...)
				m.live = append(m.live, i)
			}
		}
		if err := m.scatter(&m.ring, m.floats, m.live, dim, m.stride); err != nil {
			return err
		}
	}
	return nil
}

// Parts implements [pair.Sweeper].
func (m *Memory) Parts() int { return m.parts }

// near is the similarity above which a distance is taken from the rows: where that of
// the similarity is lost in its rounding.
func (m *Memory) near() float64 {
	return map[Precision]float64{TF32: 0.97, BF16: 0.9, FP32: pair.NearlyOne}[m.precision]
}

// Sweep implements [pair.Sweeper].
func (m *Memory) Sweep(s *pair.Sweep, sums []pair.Sums) error {
	p := m.problem
	n, columns := len(p.Anchors.Labels), len(p.Columns.Labels)
	kernel, chunks := "sweep_"+string(m.precision), (p.Dim+gradientCut-1)/gradientCut
	if s.Weighting == pair.WeighNearest {
		// A choice is to be the processor's: products of float32, where rows are.
		kernel, chunks = "nearest_"+suffix(m.precision), 1
	}
	tops, floats, counts := make([]float32, len(sums)), make([]float32, len(sums)), make([]int32, len(sums))
	c := m.c
	err := c.do(func() error {
		var factors, above, below, aparts, first, ranks *buffer
		if p.Columns.Factors != nil && s.Weighting != pair.WeighNearest {
			factors = &m.factors
		}
		var failed []error
		if s.Above != nil {
			above = &m.above
			failed = append(failed, upload(c, above, s.Above))
		}
		if s.Below != nil {
			below = &m.below
			failed = append(failed, upload(c, below, s.Below))
		}
		if s.Weighting == pair.WeighRanked {
			if err := c.arena.all(need{&m.aparts, "ranks", 4 * len(s.Aparts)}, need{&m.ranks, "ranks", 4 * len(s.Aparts)}); err != nil {
				return err
			}
			clear(s.Ranks)
			aparts, first, ranks = &m.aparts, &m.first, &m.ranks
			failed = append(failed, upload(c, aparts, s.Aparts), upload(c, first, s.First), upload(c, ranks, s.Ranks))
		}
		if err := errors.Join(failed...); err != nil {
			return err
		}
		euclidean := 0
		if s.Euclidean {
			euclidean = 1
		}
		err := c.launch(kernel, [3]int{m.parts, (n + tile - 1) / tile, chunks}, sharedBytes,
			&m.anchors, &m.ring, &m.anchorLabels, &m.labels, factors, above, below, aparts, first, ranks, &m.tops, &m.sums, &m.counts, &m.gradients,
			n, columns, m.stride, int(s.Weighting), euclidean, s.Sharpness, s.Margin, s.Least, m.near())
		if err != nil {
			return err
		}
		err = errors.Join(download(c, tops, &m.tops), download(c, floats, &m.sums), download(c, counts, &m.counts))
		if ranks != nil {
			err = errors.Join(err, download(c, s.Ranks, ranks))
		}
		return errors.Join(err, c.wait())
	})
	for k := range sums {
		sums[k] = pair.Sums{Top: tops[k], Sum: floats[k], Count: counts[k]}
	}
	return err
}

// Gradient implements [pair.Sweeper].
func (m *Memory) Gradient(dst, factors []float32) error {
	n, dim, c := len(m.problem.Anchors.Labels), m.problem.Dim, m.c
	return c.do(func() error {
		if err := upload(c, &m.weights, factors); err != nil {
			return err
		}
		if err := c.launch("gradient", [3]int{n, 1, 1}, 0, &m.combined, &m.gradients, &m.weights, n, m.parts, dim, m.stride); err != nil {
			return err
		}
		return errors.Join(download(c, dst, &m.combined), c.wait())
	})
}

// Close gives the memory's room back to its context.
func (m *Memory) Close() error {
	return m.c.do(func() error {
		m.c.arena.release(
			&m.ring, &m.labels, &m.factors, &m.anchors, &m.anchorLabels, &m.rows, &m.places, &m.above, &m.below,
			&m.aparts, &m.first, &m.ranks, &m.tops, &m.sums, &m.counts, &m.gradients, &m.weights, &m.combined,
		)
		m.writes, m.held = nil, 0
		return nil
	})
}
