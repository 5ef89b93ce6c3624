package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	"crossbatch/xbm"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

// term is a term of a loss that calls from several threads share: one of the
// three is not nil.
type term struct {
	sync.Mutex
	inBatch *xbm.InBatch
	cross   *xbm.CrossBatch
	classes *xbm.ClassWeights

	memory    *memory // of cross
	store     int
	source    rand.PCG // random generator of a miner
	first     []float32
	inspected pair.Inspection
}

// When a term stores its batch.
const (
	storeFirst = iota
	storeLast
	storeNever
)

// termConfig says what term to make.
type termConfig struct {
	loss, miner       string
	seed              uint64
	weight, ageTau    float64
	start, ramp       int64
	store             int
	keepCopies, views bool
	halves            *pair.Halves
}

// minerStream keeps a miner's draws apart from others of the same seed.
const minerStream = 0x6d696e65

// of returns the loss, and a term that is still of no kind.
func (c termConfig) of() (pair.Loss, *term, error) {
	if c.loss == "" {
		return nil, nil, errors.New("libxbm: no loss is given: known are those that xbm_names lists")
	}
	t := &term{store: c.store}
	t.source.Seed(c.seed, minerStream)
	loss, err := xbm.ParseLoss(c.loss, c.miner, &t.source)
	return loss, t, err
}

// withoutMemory refuses what only a memory's term has.
func (c termConfig) withoutMemory() error {
	if c.weight != 0 || c.ageTau != 0 || c.start != 0 || c.ramp != 0 || c.store != storeFirst || c.halves != nil {
		return errors.New("libxbm: weight, age_tau, start, ramp, store, positive_weight and negative_weight are of a term with a memory")
	}
	return nil
}

func (c termConfig) inBatch() (*term, error) {
	loss, t, err := c.of()
	if err != nil {
		return nil, err
	}
	if _, ok := loss.(pair.ClassLoss); ok {
		return nil, fmt.Errorf("libxbm: loss %q has weights for classes: make a term of class weights", c.loss)
	}
	t.inBatch = &xbm.InBatch{Loss: loss, KeepCopies: c.keepCopies, Views: c.views}
	t.learns(loss)
	return t, c.withoutMemory()
}

func (c termConfig) crossBatch(m *memory) (*term, error) {
	loss, t, err := c.of()
	if err != nil {
		return nil, err
	}
	if _, ok := loss.(pair.ClassLoss); ok {
		return nil, fmt.Errorf("libxbm: loss %q has weights for classes and takes no memory", c.loss)
	}
	if err := pair.TraitsOf(loss).BatchOnly; err != nil {
		return nil, err
	}
	switch {
	case c.store < storeFirst || c.store > storeNever:
		return nil, fmt.Errorf("libxbm: store is %d: give 0 (first), 1 (last) or 2 (never)", c.store)
	case c.start < 0 || c.ramp < 0:
		return nil, fmt.Errorf("libxbm: start %d and ramp %d: give 0 or more steps", c.start, c.ramp)
	case !(c.ageTau >= 0):
		return nil, fmt.Errorf("libxbm: age_tau is %g steps: give a value above 0, or 0 for none", c.ageTau)
	case c.weight-c.weight != 0:
		return nil, fmt.Errorf("libxbm: weight is %g: give a number", c.weight)
	}
	t.memory = m
	t.cross = &xbm.CrossBatch{
		Memory: m.Memory, Loss: loss, Weight: c.weight, Ramp: c.ramp, Start: c.start,
		EnqueueLast: c.store == storeLast, KeepCopies: c.keepCopies, Views: c.views, AgeTau: c.ageTau,
		Halves: c.halves,
	}
	if err := t.cross.Check(); err != nil {
		return nil, err
	}
	t.learns(loss)
	return t, nil
}

func (c termConfig) classWeights(labels []int32, dim int64) (*term, error) {
	loss, t, err := c.of()
	if err != nil {
		return nil, err
	}
	of, ok := loss.(pair.ClassLoss)
	if !ok {
		return nil, fmt.Errorf("libxbm: loss %q has no weights for classes", c.loss)
	}
	if c.keepCopies || c.views {
		return nil, errors.New("libxbm: a loss between rows and classes has no pairs of two rows: leave keep_copies and views at 0")
	}
	if t.classes, err = xbm.NewClassWeights(of, labels, int(dim), rand.New(rand.NewPCG(c.seed, minerStream))); err != nil {
		return nil, err
	}
	t.first = slices.Clone(t.classes.Weights)
	return t, c.withoutMemory()
}

// learns takes down what a loss learns, as it is at first.
func (t *term) learns(loss pair.Loss) {
	for _, p := range pair.Params(loss) {
		t.first = append(t.first, p.Value...)
	}
}

// learned is one matrix that a term learns.
type learned struct {
	name      string
	rows, dim int64
}

func (t *term) learned() (list []learned) {
	if t.classes != nil {
		rows := int64(len(t.classes.Classes))
		return []learned{{"class_weights", rows, int64(len(t.first)) / rows}}
	}
	for _, p := range pair.Params(t.loss()) {
		list = append(list, learned{p.Name, 1, int64(len(p.Value))})
	}
	return list
}

func (t *term) loss() pair.Loss {
	if t.cross != nil {
		return t.cross.Loss
	}
	return t.inBatch.Loss
}

// holdMemory has other terms of the memory wait.
func (t *term) holdMemory() (release func()) {
	if t.memory == nil {
		return func() {}
	}
	t.memory.Lock()
	return t.memory.Unlock
}

// add takes the loss. values are what the term learns, nil for the first ones, and
// grads, if not nil, as long, gets the gradient with respect to them.
func (t *term) add(dEmb []float32, b xbm.Batch, values, grads []float32, readOnly, inspect bool) (pair.Summary, error) {
	defer t.holdMemory()()
	if values == nil {
		values = t.first
	}
	for i, x := range values {
		if x-x != 0 {
			return pair.Summary{}, fmt.Errorf("libxbm: what the loss learns has %g at place %d: %w", x, i, xbm.ErrDiverged)
		}
	}
	var inspection *pair.Inspection
	if inspect {
		inspection = &t.inspected
	}
	switch {
	case t.classes != nil:
		if inspect {
			return pair.Summary{}, errors.New("libxbm: a loss between rows and classes is not inspected")
		}
		if grads == nil {
			grads = make([]float32, len(values))
		}
		t.classes.Weights, t.classes.Grad = values, grads
		defer func() { t.classes.Weights, t.classes.Grad = nil, nil }()
		return t.classes.Add(dEmb, b)
	case t.cross != nil:
		t.cross.ReadOnly = readOnly || t.store == storeNever
	}
	params := pair.Params(t.loss())
	for _, p := range params {
		values = values[copy(p.Value, values):]
	}
	summary, err := t.run(dEmb, b, xbm.Inspect(inspection))
	for _, p := range params {
		grads = grads[copy(grads, p.Grad):]
	}
	return summary, err
}

func (t *term) run(dEmb []float32, b xbm.Batch, observer xbm.Observer) (pair.Summary, error) {
	if t.cross != nil {
		return t.cross.Add(dEmb, b, observer)
	}
	return t.inBatch.Add(dEmb, b, observer)
}

// fill stores a batch in the memory.
func (t *term) fill(b xbm.Batch) error {
	if t.cross == nil {
		return errors.New("libxbm: this term has no memory to fill")
	}
	defer t.holdMemory()()
	return t.cross.Fill(b)
}

// names lists what texts can name.
func names(kind string) ([]string, error) {
	switch kind {
	case "losses":
		return loss.Names(), nil
	case "class-losses":
		return loss.ClassNames(), nil
	case "miners":
		return miner.Names(), nil
	case "policies":
		return xbm.PolicyNames(), nil
	case "cures":
		return xbm.CureNames(), nil
	}
	return nil, fmt.Errorf("libxbm: there are no names of %q: give losses, class-losses, miners, policies or cures", kind)
}
