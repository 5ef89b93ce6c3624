package xbm

import (
	"fmt"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/pair"
)

// Comparison sets the gradient of a step beside the one that it would have been
// if every row of the memory were fresh: what the age of the rows does to it.
// Give one to [CrossBatch]. Fresh and Loss must be set; the rest is filled.
type Comparison struct {
	// Fresh are embeddings of what the memory holds before the Add, by the network
	// as it is: Len()×Dim() numbers in slot order, normalised or not. Where there is
	// an age limit, call Memory.Expire first, as the Add does.
	Fresh []float32
	// Loss is one like CrossBatch.Loss in all that it depends on, and not the
	// same: it is run in addition.
	Loss pair.Loss

	// Stored and Exact are ∂L/∂embeddings (n×dim) of the memory's rows and of the
	// fresh ones, before any weight.
	Stored, Exact []float32

	engine engine.Engine
	fresh  pair.Unit
	rows   []float32
}

// check refuses fresh rows that are not those of the memory.
func (c *Comparison) check(m *Memory) error {
	if c == nil || len(c.Fresh) == m.Len()*m.Dim() {
		return nil
	}
	return fmt.Errorf("xbm: compare: %d numbers in the fresh rows of a memory of %d rows of %d: %w", len(c.Fresh), m.Len(), m.Dim(), ErrShape)
}

// run takes both gradients of a problem that t has just solved. Rows that were
// stored in this very step are as fresh as can be. Fresh rows need no cure, and have
// no age.
func (c *Comparison) run(t *CrossBatch, stored []float32, p pair.Problem) {
	if c == nil {
		return
	}
	c.fresh.Set(c.Fresh, p.Dim)
	c.rows = sized(c.rows, len(p.Columns.Labels)*p.Dim)
	copy(c.rows, c.fresh.Rows)
	for i, slot := range t.slots {
		if slot >= 0 {
			copy(c.rows[slot*p.Dim:(slot+1)*p.Dim], stored[i*p.Dim:(i+1)*p.Dim])
		}
	}
	p.Columns = pair.Side{Rows: c.rows, Labels: p.Columns.Labels, IDs: p.Columns.IDs, Births: p.Columns.Births, Lengths: p.Columns.Lengths}
	dUnit := make([]float32, len(t.dUnit))
	c.engine.Run(dUnit, &p, c.Loss)
	c.Stored, c.Exact = make([]float32, len(dUnit)), make([]float32, len(dUnit))
	t.unit.AddGradient(c.Stored, 1, t.dUnit)
	t.unit.AddGradient(c.Exact, 1, dUnit)
}
