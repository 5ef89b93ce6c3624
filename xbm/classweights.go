package xbm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/pair"
)

// ClassWeights is the loss between the batch and learned weights that stand for the
// classes. It needs no memory, and is a baseline for those that have one. Not safe
// for concurrent use.
type ClassWeights struct {
	Loss pair.ClassLoss
	// Classes has the class of each row of Weights, rising; rows of one class
	// are next to each other.
	Classes []int32
	Weights []float32 // len(Classes)×dim, row-major, normalised or not
	Grad    []float32 // of Weights: stored by Add

	unit, classes   pair.Unit
	dUnit, dClasses []float32
	engine          engine.Engine
}

// NewClassWeights returns the term for the classes among labels, its weights drawn
// at random with a mean length of about 1.
func NewClassWeights(loss pair.ClassLoss, labels []int32, dim int, random *rand.Rand) (*ClassWeights, error) {
	if len(labels) == 0 || dim < 1 {
		return nil, fmt.Errorf("xbm: class weights for %d labels and embeddings of %d numbers: %w: give at least one of each", len(labels), dim, ErrShape)
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(labels)))
	t := &ClassWeights{Loss: loss}
	for _, label := range distinct {
		for range loss.PerClass() {
			t.Classes = append(t.Classes, label)
		}
	}
	t.Weights = make([]float32, len(t.Classes)*dim)
	t.Grad = make([]float32, len(t.Weights))
	for i := range t.Weights {
		t.Weights[i] = float32(random.NormFloat64() / math.Sqrt(float64(dim)))
	}
	return t, nil
}

// Add computes the loss, adds its gradient to dEmb (n×dim) and stores that of the
// weights in Grad. Observers look at this Add. A label that is not one of Classes is
// an error; after one, nothing has changed.
func (t *ClassWeights) Add(dEmb []float32, b Batch, observers ...Observer) (pair.Summary, error) {
	dim, err := b.dim(dEmb)
	if err != nil {
		return pair.Summary{}, err
	}
	if len(t.Weights) != len(t.Classes)*dim || len(t.Grad) != len(t.Weights) {
		return pair.Summary{}, fmt.Errorf("xbm: %d numbers in the weights and %d in their gradient for %d rows of %d: %w",
			len(t.Weights), len(t.Grad), len(t.Classes), dim, ErrShape)
	}
	for i, label := range b.Labels {
		if _, known := slices.BinarySearch(t.Classes, label); !known {
			return pair.Summary{}, fmt.Errorf("xbm: label %d at place %d of the batch has no class weights", label, i)
		}
	}
	watch, err := observe(observers, b, nil)
	if err != nil {
		return pair.Summary{}, err
	}
	t.unit.Set(b.Embeddings, dim)
	t.classes.Set(t.Weights, dim)
	t.dUnit, t.dClasses = sized(t.dUnit, len(dEmb)), sized(t.dClasses, len(t.Weights))
	batch := pair.Side{Rows: t.unit.Rows, Labels: b.Labels}
	classes := pair.Side{Rows: t.classes.Rows, Labels: t.Classes}
	problem := pair.Problem{Dim: dim, Anchors: batch, Columns: classes, Step: b.Step}
	dAnchors, dColumns := t.dUnit, t.dClasses
	if t.Loss.WeightsAreAnchors() {
		problem.Anchors, problem.Columns = classes, batch
		dAnchors, dColumns = dColumns, dAnchors
	}
	t.engine.Inspect = watch.inspection()
	summary := t.engine.RunBoth(dAnchors, dColumns, &problem, t.Loss)
	watch.end(&Seen{Problem: &problem, Summary: summary, Unit: &t.unit, Gradient: t.dUnit})
	t.unit.AddGradient(dEmb, 1, t.dUnit)
	clear(t.Grad)
	t.classes.AddGradient(t.Grad, 1, t.dClasses)
	return summary, nil
}
