package xbm

import (
	"errors"
	"fmt"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/pair"
)

// Batch is what a training step hands to a term. The slices are only read, and
// only during the call.
type Batch struct {
	Embeddings []float32 // n×dim, row-major, normalised or not
	// Keys (n×dim) are what goes into a memory in place of the embeddings: another
	// encoder's rows for the same samples. Nil: the embeddings.
	Keys   []float32
	Labels []int32 // class of each row
	IDs    []int64 // sample that each row is an embedding of, from 0; nil: unknown
	Step   int64   // number of the training step, from 0
}

// ErrDiverged is what the error about an embedding that is not finite wraps.
var ErrDiverged = errors.New("the training has diverged; a lower learning rate may help")

// dim checks the batch and the gradient that a term is to add to, and returns
// the width of a row.
func (b *Batch) dim(dEmb []float32) (int, error) {
	n := len(b.Labels)
	switch {
	case n == 0:
		return 0, fmt.Errorf("xbm: the batch has no labels: %w", ErrShape)
	case len(b.Embeddings) == 0 || len(b.Embeddings)%n != 0:
		return 0, fmt.Errorf("xbm: %d numbers in the embeddings of %d labels: %w", len(b.Embeddings), n, ErrShape)
	case len(dEmb) != len(b.Embeddings):
		return 0, fmt.Errorf("xbm: %d numbers in the gradient of %d in the embeddings: %w", len(dEmb), len(b.Embeddings), ErrShape)
	case b.IDs != nil && len(b.IDs) != n:
		return 0, fmt.Errorf("xbm: %d ids for %d labels: %w", len(b.IDs), n, ErrShape)
	case b.Keys != nil && len(b.Keys) != len(b.Embeddings):
		return 0, fmt.Errorf("xbm: %d numbers in the keys of %d in the embeddings: %w", len(b.Keys), len(b.Embeddings), ErrShape)
	}
	dim := len(b.Embeddings) / n
	if err := finite("embedding", b.Embeddings, dim); err != nil {
		return 0, err
	}
	if err := finite("key", b.Keys, dim); err != nil {
		return 0, err
	}
	for i, id := range b.IDs {
		if id < 0 {
			return 0, fmt.Errorf("xbm: sample id %d at place %d of the batch: ids count from 0", id, i)
		}
	}
	return dim, nil
}

// finite refuses rows with a number that is none.
func finite(name string, rows []float32, dim int) error {
	for i, x := range rows {
		if x-x != 0 {
			return fmt.Errorf("xbm: %s %d of the batch has %g at place %d: %w", name, i/dim, x, i%dim, ErrDiverged)
		}
	}
	return nil
}

// InBatch is the loss within the batch: each row an anchor against all the
// others, with the gradient through both sides of each pair. The zero value is
// not ready: it needs a Loss. Not safe for concurrent use.
type InBatch struct {
	Loss pair.Loss
	// KeepCopies keeps the pairs of two rows of the same sample, as far as
	// Batch.IDs tells of them.
	KeepCopies bool
	// Views says that rows of one sample are views of it, which differ: their
	// pairs are positives like any other, whatever KeepCopies says.
	Views bool

	engine   engine.Engine
	unit     pair.Unit
	dUnit    []float32
	dLengths []float32
	own      []int
}

// Add computes the loss of the batch and adds its gradient to dEmb (n×dim).
// Observers look at this Add. After an error dEmb is as it was.
func (t *InBatch) Add(dEmb []float32, b Batch, observers ...Observer) (pair.Summary, error) {
	dim, err := b.dim(dEmb)
	if err != nil {
		return pair.Summary{}, err
	}
	if _, ok := t.Loss.(pair.ClassLoss); ok {
		return pair.Summary{}, errClassLoss
	}
	watch, err := observe(observers, b, nil)
	if err != nil {
		return pair.Summary{}, err
	}
	t.unit.Set(b.Embeddings, dim)
	t.own = t.own[:0]
	for i := range b.Labels {
		t.own = append(t.own, i)
	}
	side := pair.Side{Rows: t.unit.Rows, Labels: b.Labels, IDs: b.IDs, Lengths: t.unit.Lengths}
	t.dUnit, t.dLengths = sized(t.dUnit, len(dEmb)), sized(t.dLengths, len(b.Labels))
	clear(t.dLengths)
	problem := pair.Problem{
		Dim: dim, Anchors: side, Columns: side, Rule: pair.Rule{Own: t.own, SameID: !t.KeepCopies, Views: t.Views},
		Symmetric: true, Step: b.Step, DLengths: t.dLengths,
	}
	t.engine.Inspect = watch.inspection()
	summary := t.engine.Run(t.dUnit, &problem, t.Loss)
	watch.end(&Seen{Problem: &problem, Summary: summary, Unit: &t.unit, Gradient: t.dUnit})
	t.unit.AddGradient(dEmb, 1, t.dUnit)
	t.unit.AddLengthGradient(dEmb, t.dLengths)
	return summary, nil
}

var errClassLoss = errors.New("xbm: the loss has weights for classes: give it to a ClassWeights term")

func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
