package xbm

import (
	"fmt"
	"math"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/pair"
)

// NotYet is the Start of a [CrossBatch] whose memory is used from the step on that
// StartAt says.
const NotYet = math.MaxInt64

// CrossBatch is the loss between the batch and a memory of past batches: the rows of
// the batch are the anchors, the rows of the memory the columns, and the gradient goes
// to the anchors alone. It needs a Memory and a Loss; the other fields' zero values are
// the paper's algorithm (section 3.3), with a loss whose reduction is loss.OverAnchors.
// The fields are settings: a term changes none of them. Not safe for concurrent use.
type CrossBatch struct {
	Memory *Memory
	Loss   pair.Loss

	// Weight multiplies the term's gradient, not the value that is reported.
	// Default (0): 1.
	Weight float64
	// Halves, if not nil, are factors for the gradient through the positive and through
	// the negative pairs apart, before Weight. The reported value is without them. Nil:
	// both 1.
	Halves *pair.Halves
	// Ramp is the number of steps, from Start on, over which the weight rises
	// evenly to Weight. Default (0): at once.
	Ramp int64
	// Start is the first step at which the memory is used; before it, nothing
	// is stored and the term is 0. The paper waits 1,000 steps, until the
	// network has stopped changing fast. NotYet: it is for StartAt to say.
	Start int64
	// EnqueueLast stores the batch after the loss is taken, so that the term
	// holds no pair within the batch: for trainers that add an [InBatch] term,
	// where those pairs have their gradient on both sides. By default the batch
	// is stored first, and each anchor's pair with its own row is left out; those with
	// other rows of its sample in the batch are copies, see KeepCopies.
	EnqueueLast bool
	// ReadOnly takes the loss against the memory as it is: nothing is stored, no
	// row is dropped for its age, no Norm follows the batch. It is for a validation,
	// and for trainers that store other rows than the anchors, by Fill.
	ReadOnly bool
	// KeepCopies keeps the pairs of an anchor with older copies of the same
	// sample, as far as Batch.IDs tells of them. By default they are left out
	// and counted: they are positives that say nothing.
	KeepCopies bool
	// Views says that rows of one sample in one batch are views of it, which
	// differ: pairs with those stored in this step are positives, whatever
	// KeepCopies says. With Batch.Keys the key of each row is such a view too, so
	// that without labels (the labels being the samples) it is the anchor's one
	// positive, and older keys of its sample are left out and counted.
	Views bool
	// AgeTau has rows count less as they age: ∂L/∂S of a row's pairs is multiplied by
	// e^(-age/AgeTau), age in steps. The reported value is without it. Default (0): all
	// rows count alike.
	AgeTau float64
	// Device takes the sweep over the memory, where it can. Default (nil): the
	// processor does.
	Device Device
	engine engine.Engine
	unit   pair.Unit
	keys   pair.Unit
	dUnit  []float32
	slots  []int
	fresh  []float32 // factors by age

	startsAt *int64 // nil: at Start
}

// StartAt has the memory be used from a step on, whatever Start says. NotYet: until
// another StartAt, it is not.
func (t *CrossBatch) StartAt(step int64) { t.startsAt = &step }

// StartsAt is the first step at which the memory is used: Start, unless StartAt has
// said otherwise; NotYet where that is not known yet.
func (t *CrossBatch) StartsAt() int64 {
	if t.startsAt != nil {
		return *t.startsAt
	}
	return t.Start
}

// Add computes the loss, adds its gradient to dEmb (n×dim) and stores the batch in
// the memory, unless that is ReadOnly. Observers look at this Add. An error about
// sizes wraps ErrShape, one about numbers that are not finite ErrDiverged. After an
// error dEmb and the memory are as they were; after an error of the Device,
// or of the memory's Ranks, the memory already has the batch.
func (t *CrossBatch) Add(dEmb []float32, b Batch, observers ...Observer) (pair.Summary, error) {
	dim, err := b.dim(dEmb)
	if err != nil {
		return pair.Summary{}, err
	}
	if dim != t.Memory.Dim() {
		return pair.Summary{}, fmt.Errorf("xbm: embeddings of %d numbers for a memory of %d: %w", dim, t.Memory.Dim(), ErrShape)
	}
	if err := t.Check(); err != nil {
		return pair.Summary{}, err
	}
	if b.Step < t.StartsAt() {
		return pair.Summary{}, nil
	}
	watch, err := observe(observers, b, t.Memory)
	if err != nil {
		return pair.Summary{}, err
	}
	// From here on nothing but a device or a rank can fail: all that is stored has been checked.
	t.set(b, dim)
	if err := t.before(b); err != nil {
		return pair.Summary{}, err
	}
	t.dUnit = sized(t.dUnit, len(dEmb))
	problem := t.problem(b, dim)
	summary, err := t.run(&problem, watch.inspection())
	if err != nil {
		return pair.Summary{}, err
	}
	watch.end(&Seen{Problem: &problem, Summary: summary, Unit: &t.unit, Gradient: t.dUnit, Slots: t.slots, Stored: t.stored(b).Rows})
	weight := t.weight(b.Step)
	t.unit.AddGradient(dEmb, weight, t.dUnit)
	for _, learned := range pair.Params(t.Loss) {
		for i := range learned.Grad {
			learned.Grad[i] *= float32(weight)
		}
	}
	if t.EnqueueLast && !t.ReadOnly {
		err = t.enqueue(b)
	}
	return summary, err
}

// problem is the batch against the memory as it is.
func (t *CrossBatch) problem(b Batch, dim int) pair.Problem {
	p := pair.Problem{
		Dim:     dim,
		Anchors: pair.Side{Rows: t.unit.Rows, Labels: b.Labels, IDs: b.IDs},
		Columns: t.Memory.side(),
		Rule:    pair.Rule{Own: t.slots, Keys: b.Keys != nil, SameID: !t.KeepCopies, Views: t.Views},
		Oldest:  t.Memory.oldest(),
		Halves:  t.Halves,
		Step:    b.Step,
	}
	p.Columns.Factors = t.byAge(b.Step)
	return p
}

// before is what happens to the memory before a loss is taken.
func (t *CrossBatch) before(b Batch) error {
	for i := range t.slots {
		t.slots[i] = -1
	}
	if t.ReadOnly {
		return nil
	}
	t.Memory.Expire(b.Step)
	if err := t.Memory.Match(t.stored(b).Rows); err != nil || t.EnqueueLast {
		return err
	}
	return t.enqueue(b)
}

// Fill stores a batch in the memory and takes no loss: what was embedded before the
// first step. Start does not matter. After an error the memory is as it was.
func (t *CrossBatch) Fill(b Batch) error {
	dim, err := b.dim(b.Embeddings)
	if err != nil {
		return err
	}
	if dim != t.Memory.Dim() {
		return fmt.Errorf("xbm: embeddings of %d numbers for a memory of %d: %w", dim, t.Memory.Dim(), ErrShape)
	}
	t.set(b, dim)
	return t.enqueue(b)
}

// Check returns an error that says which setting is impossible; every Add begins
// with it.
func (t *CrossBatch) Check() error {
	if _, ok := t.Loss.(pair.ClassLoss); ok {
		return errClassLoss
	}
	if !(t.AgeTau >= 0) {
		return fmt.Errorf("xbm: age tau is %g steps: give a value above 0, or 0 for none", t.AgeTau)
	}
	if h := t.Halves; h != nil && !(h.Positive >= 0 && h.Negative >= 0 && h.Positive+h.Negative > 0 && h.Positive+h.Negative <= math.MaxFloat32) {
		return fmt.Errorf("xbm: halves of %g and %g: give two numbers of 0 or more, not both 0", h.Positive, h.Negative)
	}
	if t.Memory != nil && t.Memory.ranks != nil {
		if err := pair.CheckRanks(t.Loss); err != nil {
			return fmt.Errorf("xbm: the memory is shared out to %d ranks, and the loss can't be: %w", t.Memory.ranks.Size(), err)
		}
	}
	return pair.TraitsOf(t.Loss).BatchOnly
}

// byAge are the factors of the memory's rows, nil where all are 1.
func (t *CrossBatch) byAge(step int64) []float32 {
	if t.AgeTau == 0 {
		return nil
	}
	births := t.Memory.Births()
	t.fresh = sized(t.fresh, len(births))
	for i, birth := range births {
		if i > 0 && birth == births[i-1] {
			t.fresh[i] = t.fresh[i-1]
			continue
		}
		t.fresh[i] = float32(math.Exp(-float64(max(0, step-birth)) / t.AgeTau))
	}
	return t.fresh
}

// weight is the factor of the gradient at a step.
func (t *CrossBatch) weight(step int64) float64 {
	weight := t.Weight
	if weight == 0 {
		weight = 1
	}
	if done := step - t.StartsAt() + 1; done < t.Ramp {
		weight *= float64(done) / float64(t.Ramp)
	}
	return weight
}

// set takes in a batch.
func (t *CrossBatch) set(b Batch, dim int) {
	t.unit.Set(b.Embeddings, dim)
	if b.Keys != nil {
		t.keys.Set(b.Keys, dim)
	}
	t.slots = sized(t.slots, len(b.Labels))
}

// stored is what of the batch goes into the memory.
func (t *CrossBatch) stored(b Batch) *pair.Unit {
	if b.Keys != nil {
		return &t.keys
	}
	return &t.unit
}

func (t *CrossBatch) enqueue(b Batch) error {
	stored := t.stored(b)
	if err := t.Memory.Enqueue(t.slots, stored.Rows, b.Labels, b.IDs, b.Step); err != nil {
		return err
	}
	for i, slot := range t.slots {
		if slot >= 0 {
			t.Memory.lengths[slot] = stored.Lengths[i]
		}
	}
	return nil
}
