package xbm

import (
	"fmt"

	"crossbatch/xbm/kernel"
	"crossbatch/xbm/spec"
)

// DriftCompensation cures a memory of drift by probes: samples that are embedded
// every so many steps. What these have moved since, on average over those that are
// near a row, the row is moved too, and brought to unit length again:
//
//	m ← m + Σ w·δ / Σ w,  w = exp(-‖m - p‖²/(2·Sigma²))
//
// over the probes, which have gone from p to p + δ. After
//
//	Lu Yu, Bartłomiej Twardowski, Xialei Liu, Luis Herranz, Kai Wang, Yongmei Cheng,
//	Shangling Jui, Joost van de Weijer. Semantic Drift Compensation for
//	Class-Incremental Learning. CVPR 2020. https://arxiv.org/abs/2004.00440
//
// which moves the means of classes so. Unlike there, rows that were stored after
// the probes were embedded last are moved by the part of the time that they were
// there.
//
// The rows are rewritten in place: every Every steps, which costs as much as four
// steps' losses do at 256 probes and a batch of 64.
type DriftCompensation struct {
	Probes int     // samples, at least 1
	Every  int     // steps between compensations, at least 1
	Sigma  float64 // how near a probe must be to count, at least 0.01; unit rows are at most 2 apart
}

// String is the cure as [ParseCure] reads it.
func (c DriftCompensation) String() string { return spec.Text(cureSDC, spec.Texts(c.fields())...) }

func (c *DriftCompensation) fields() []spec.Field {
	return []spec.Field{
		{Key: "probes", At: &c.Probes, Range: spec.AtLeast(1)}, {Key: "every", At: &c.Every, Range: spec.AtLeast(1)},
		{Key: "sigma", At: &c.Sigma, Range: spec.AtLeast(leastSigma)},
	}
}

func (c DriftCompensation) validate() error { return spec.Check("cure", cureSDC, c.fields()) }

// leastSigma keeps the sharpness of the weights within float32; with less only the
// nearest probe would count anyhow.
const leastSigma = 0.01

// compensationTile is how many rows are moved at a time.
const compensationTile = 256

// Apply moves the rows of m by what probes have moved between two steps: before
// and now (each n×Dim, unit rows) are what they were embedded as at step `from` and
// at step `to`. After an error nothing has changed.
func (c DriftCompensation) Apply(m *Memory, before, now []float32, from, to int64) error {
	switch dim := m.dim; {
	case len(before) != len(now) || len(before) == 0 || len(before)%dim != 0:
		return fmt.Errorf("xbm: drift compensation by %d and %d numbers of probes, for rows of %d: %w", len(before), len(now), dim, ErrShape)
	case from >= to:
		return fmt.Errorf("xbm: drift compensation from step %d to %d: it takes a time in which to drift", from, to)
	case m.norm != nil:
		return fmt.Errorf("xbm: drift compensation of a memory with cross-batch normalisation: use one of them")
	}
	if err := c.validate(); err != nil {
		return err
	}
	m.writes.AddAll()
	delta := make([]float32, len(now))
	for i := range now {
		delta[i] = now[i] - before[i]
	}
	held := m.here(m.held)
	kernel.Parallel(kernel.Blocks(held, compensationTile), func(t int) {
		first := t * compensationTile
		c.tile(m, first, min(compensationTile, held-first), before, delta, from, to)
	})
	return nil
}

// tile moves rows [first, first+n) of those that are here.
func (c DriftCompensation) tile(m *Memory, first, n int, before, delta []float32, from, to int64) {
	dim := m.dim
	probes := len(before) / dim
	rows := make([]float32, n*dim)
	if m.halves != nil {
		kernel.FromHalf(rows, m.halves[first*dim:(first+n)*dim])
	} else {
		copy(rows, m.rows[first*dim:])
	}
	// Between unit rows -‖m - p‖²/(2σ²) is m·p/σ² but for a constant, which the
	// quotient is free of.
	weights, moves := make([]float32, n*probes), make([]float32, n*dim)
	kernel.GemmSerial(n, probes, dim, 1, kernel.Mat{Data: rows, Stride: dim}, kernel.Mat{Data: before, Stride: dim, Trans: true}, 0, kernel.Mat{Data: weights, Stride: probes})
	side := m.side()
	sharpness := float32(1 / (c.Sigma * c.Sigma))
	for i := range n {
		w := weights[i*probes : (i+1)*probes]
		part := float64(to-max(from, m.births[side.Index(first+i)])) / float64(to-from)
		if kernel.SumSquares(rows[i*dim:(i+1)*dim]) == 0 {
			part = 0 // it has no direction to be moved from
		}
		sum := kernel.Exp(w, w, kernel.Max(w), sharpness)
		kernel.Scale(w, float32(max(0, part)/float64(sum)), w)
	}
	kernel.GemmSerial(n, dim, probes, 1, kernel.Mat{Data: weights, Stride: probes}, kernel.Mat{Data: delta, Stride: dim}, 0, kernel.Mat{Data: moves, Stride: dim})
	kernel.Axpy(rows, 1, moves)
	kernel.NormalizeRows(rows, make([]float32, n), rows, dim)
	if m.halves != nil {
		kernel.ToHalf(m.halves[first*dim:(first+n)*dim], rows)
	} else {
		copy(m.rows[first*dim:], rows)
	}
}
