package trainer

import (
	"math"
	"math/rand/v2"

	"crossbatch/eval/event"
	"crossbatch/trainer/data"
	"crossbatch/trainer/optim"
	"crossbatch/xbm"
	"crossbatch/xbm/pair"
)

// terms is the loss of a training: what it adds up to, and what it learns.
type terms struct {
	config  Config
	inBatch *xbm.InBatch      // nil: a loss with class weights
	memory  *xbm.CrossBatch   // nil: none
	classes *xbm.ClassWeights // nil: a loss of pairs

	learned   []learned
	optimizer optim.Optimizer // of what is learned
	before    []float32       // the gradient before the memory's part
	against   *pair.Summary   // of the memory's term in the last step; nil: it had none
}

// learned is what a term's loss learns; ran says whether it had a step.
type learned struct {
	params []pair.Param
	ran    bool
}

// The terms' places in learned.
const (
	batchTerm = iota
	memoryTerm
	termCount
)

// newTerms returns the terms of a run for its set with the labels that are trained on.
func newTerms(r Run, set *data.Set) (*terms, error) {
	c, split := r.Config, r.Split
	t := &terms{config: c, learned: make([]learned, termCount)}
	var err error
	if t.optimizer, err = optim.New(optim.Config{Name: c.Optimizer.Name, Momentum: c.Optimizer.Momentum}); err != nil {
		return nil, err
	}
	loss, err := r.Own.loss(c, batchTerm)
	if err != nil {
		return nil, err
	}
	if classLoss, ok := loss.(pair.ClassLoss); ok {
		labels := make([]int32, len(split.Train))
		for k, i := range split.Train {
			labels[k] = set.Labels[i]
		}
		t.classes, err = xbm.NewClassWeights(classLoss, labels, c.Network.Dim, rand.New(rand.NewPCG(c.Seed, classStream)))
		if err != nil {
			return nil, err
		}
		t.learned[batchTerm].params = []pair.Param{{Name: "class weights", Value: t.classes.Weights, Grad: t.classes.Grad}}
		return t, nil
	}
	t.inBatch = &xbm.InBatch{Loss: loss, KeepCopies: c.Memory.KeepCopies, Views: c.views() > 1}
	t.learned[batchTerm].params = pair.Params(loss)
	rows, err := c.MemoryRows(len(split.Train))
	if err != nil || rows == 0 {
		return t, err
	}
	if err := c.holdsViews(rows); err != nil {
		return nil, err
	}
	t.memory = &xbm.CrossBatch{
		Device: r.Device,
		Weight: c.Memory.Weight, Ramp: c.Memory.Ramp, Start: c.Memory.Start.step(),
		EnqueueLast: c.Memory.enqueue() == EnqueueLast, KeepCopies: c.Memory.KeepCopies, AgeTau: c.Memory.AgeTau,
		// With labels, a key of the anchor's own view says nothing.
		Views: c.views() > 1 && (c.unlabelled() || !c.hasKeys()),
	}
	if t.memory.Halves, err = c.Memory.halves(); err != nil {
		return nil, err
	}
	if t.memory.Memory, err = c.newMemory(rows, r.Own, r.memoryRanks()); err != nil {
		return nil, err
	}
	if t.memory.Loss, err = r.Own.loss(c, memoryTerm); err != nil {
		return nil, err
	}
	if err := r.checkShare(t.memory); err != nil {
		return nil, err
	}
	t.learned[memoryTerm].params = pair.Params(t.memory.Loss)
	return t, nil
}

// Random streams that are not the sampler's or the network's.
const (
	classStream   = 0xc1a55
	minerStream   = 0x313e5
	probeStream   = 0x960be
	prefillStream = 0xf177
)

// add takes the loss of a batch, adds its gradient to dEmb, which is zeros, and
// notes it in metric. Observers look at the term against the memory.
func (t *terms) add(dEmb []float32, b xbm.Batch, metric *event.Step, observers ...xbm.Observer) (*inspection, error) {
	for i := range t.learned {
		t.learned[i].ran = false
	}
	var look *inspection
	if t.config.Watch.InspectEvery > 0 && b.Step%t.config.Watch.InspectEvery == 0 && t.classes == nil {
		look = &inspection{event.Inspection{Step: b.Step}}
	}
	if t.classes != nil {
		s, err := t.classes.Add(dEmb, b)
		metric.Batch = t.note(batchTerm, s, norm(dEmb, nil))
		return nil, err
	}
	t.against = nil
	started := t.memory != nil && b.Step >= t.memory.StartsAt()
	if t.config.Memory.Combine != PML || !started {
		found := look.of()
		s, err := t.inBatch.Add(dEmb, b, xbm.Inspect(found))
		if err != nil {
			return nil, err
		}
		metric.Batch = t.note(batchTerm, s, norm(dEmb, nil))
		look.batch(found)
	}
	if !started {
		return look, nil
	}
	t.before = append(t.before[:0], dEmb...)
	found := look.of()
	s, err := t.memory.Add(dEmb, b, append(observers, xbm.Inspect(found))...)
	if err != nil {
		return nil, err
	}
	t.against = &s
	metric.Memory, metric.Rows = t.note(memoryTerm, s, norm(dEmb, t.before)), t.memory.Memory.Len()
	look.memory(found, metric)
	return look, nil
}

func (t *terms) note(term int, s pair.Summary, gradient float64) *event.Term {
	t.learned[term].ran = true
	return &event.Term{
		Loss: s.Value, Gradient: gradient, Copies: s.Copies,
		Positives: s.Positives, ActivePositives: s.ActivePositives,
		Negatives: s.Negatives, ActiveNegatives: s.ActiveNegatives,
	}
}

// norm is the length of x, or of what x is more than before.
func norm(x, before []float32) float64 {
	var square float64
	for i, v := range x {
		if before != nil {
			v -= before[i]
		}
		square += float64(v) * float64(v)
	}
	return math.Sqrt(square)
}

// update moves what the losses learn.
func (t *terms) update(rate float64) {
	t.optimizer.Begin(rate)
	i := 0
	for _, l := range t.learned {
		for _, p := range l.params {
			if l.ran {
				t.optimizer.Update(i, 1, p.Value, p.Grad)
			}
			i++
		}
	}
}
