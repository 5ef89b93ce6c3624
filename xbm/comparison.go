package xbm

import (
	"errors"
	"fmt"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/pair"
)

// Comparison is an [Observer] that sets the gradient of a step beside the one that it
// would have been if every row of the memory were fresh: what the age of the rows
// does to it. Fresh and Loss must be set; the rest is filled. It serves one Add.
type Comparison struct {
	// Fresh are embeddings of what the memory holds before the Add, by the network
	// as it is: Len()×Dim() numbers in slot order, normalised or not. Where there is
	// an age limit, call Memory.Expire before embedding them: the slots are not to
	// change in the Add.
	Fresh []float32
	// Loss is one like the term's in all that it depends on, and not the same: it is
	// taken in addition.
	Loss pair.Loss

	// Stored and Exact are ∂L/∂embeddings (n×dim) of the memory's rows and of the
	// fresh ones, before any weight. They are nil until the Add.
	Stored, Exact []float32
}

// Begin implements [Observer]: it refuses fresh rows that are not those of the
// memory, with an error that wraps [ErrShape].
func (c *Comparison) Begin(b Batch, m *Memory) (*pair.Inspection, error) {
	switch {
	case m == nil:
		return nil, errors.New("xbm: compare: the term has no memory whose rows could be fresh")
	case m.stale(b.Step) > 0:
		return nil, fmt.Errorf("xbm: compare: %d of %d rows are dropped in step %d for their age: call Memory.Expire before embedding them: %w", m.stale(b.Step), m.Len(), b.Step, ErrShape)
	case len(c.Fresh) != m.Len()*m.Dim():
		return nil, fmt.Errorf("xbm: compare: %d numbers in the fresh rows of a memory of %d rows of %d: %w", len(c.Fresh), m.Len(), m.Dim(), ErrShape)
	}
	return nil, nil
}

// End implements [Observer]: it takes both gradients. Rows that were stored in this
// very step are as fresh as can be. Fresh rows need no cure, and have no age.
func (c *Comparison) End(s *Seen) {
	p := *s.Problem
	var fresh pair.Unit
	fresh.Set(c.Fresh, p.Dim)
	rows := make([]float32, len(p.Columns.Labels)*p.Dim)
	copy(rows, fresh.Rows)
	for i, slot := range s.Slots {
		if slot >= 0 {
			copy(rows[slot*p.Dim:(slot+1)*p.Dim], s.Stored[i*p.Dim:(i+1)*p.Dim])
		}
	}
	p.Columns = pair.Side{Rows: rows, Labels: p.Columns.Labels, IDs: p.Columns.IDs, Births: p.Columns.Births, Lengths: p.Columns.Lengths}
	exact := make([]float32, len(s.Gradient))
	(&engine.Engine{}).Run(exact, &p, c.Loss)
	c.Stored, c.Exact = make([]float32, len(exact)), make([]float32, len(exact))
	s.Unit.AddGradient(c.Stored, 1, s.Gradient)
	s.Unit.AddGradient(c.Exact, 1, exact)
}
