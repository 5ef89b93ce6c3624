package trainer

import (
	"errors"
	"fmt"
	"math"

	"crossbatch/eval/event"
	"crossbatch/trainer/data"
	"crossbatch/xbm"
	"crossbatch/xbm/pair"
)

// compass looks every so many steps at where the terms' gradients point: beside that of
// the memory's loss, or without a memory the batch's, against the whole training set,
// embedded by the network as it is, which a memory stands for. It only reads of the
// training.
type compass struct {
	every  int64
	train  []int
	target *xbm.CrossBatch // its memory holds the training set
}

// directionLook is a look at the directions of a step, while it is taken.
type directionLook struct {
	compass *compass
	event.Direction
	isTaken bool
}

// newCompass returns the compass of r, nil for none.
func newCompass(r Run) (*compass, error) {
	c := r.Config
	if c.Watch.DirectionEvery == 0 {
		return nil, nil
	}
	term := memoryTerm
	if rows, err := c.MemoryRows(len(r.Split.Train)); err != nil {
		return nil, err
	} else if rows == 0 {
		term = batchTerm
	}
	loss, err := r.Own.loss(c, term)
	if err != nil {
		return nil, err
	}
	if err := directionless(loss); err != nil {
		return nil, fmt.Errorf("trainer: direction-every: loss is %q: %w: give direction-every 0", c.lossText(term), err)
	}
	k := &compass{every: c.Watch.DirectionEvery, train: r.Split.Train, target: &xbm.CrossBatch{Loss: loss, ReadOnly: true}}
	k.target.Memory, err = xbm.NewMemory(len(k.train), c.Network.Dim)
	return k, err
}

// directionless says why a loss has no direction against a set of rows.
func directionless(l pair.Loss) error {
	if _, ok := l.(pair.ClassLoss); ok {
		return errors.New("it has weights for the classes, and no pairs with the training set")
	}
	return pair.TraitsOf(l).BatchOnly
}

// before embeds the training set as the network is before a step. It returns nil where
// there is no look.
func (k *compass) before(step int64, e Encoder, set *data.Set) (*directionLook, error) {
	if k == nil || step%k.every != 0 {
		return nil, nil
	}
	rows, err := embed(e, set, k.train)
	if err != nil {
		return nil, err
	}
	b := xbm.Batch{Embeddings: rows, Labels: make([]int32, len(k.train)), IDs: make([]int64, len(k.train)), Step: step}
	for i, image := range k.train {
		b.Labels[i], b.IDs[i] = set.Labels[image], int64(image)
	}
	k.target.Memory.Reset()
	if err := k.target.Fill(b); err != nil {
		return nil, err
	}
	return &directionLook{compass: k, Direction: event.Direction{Step: step}}, nil
}

// take compares the gradients of a step with what the whole set's would be: of all
// terms, and of what they were before the memory's was added, where it was. l may be nil.
func (l *directionLook) take(dEmb []float32, t *terms, b xbm.Batch) error {
	if l == nil {
		return nil
	}
	learner := t.inBatch.Loss
	if t.memory != nil {
		learner = t.memory.Loss
	}
	follow(l.compass.target.Loss, learner)
	b.Keys = nil // the anchors' own images are left out by their ids
	target := make([]float32, len(dEmb))
	if _, err := l.compass.target.Add(target, b); err != nil {
		return err
	}
	all, ok := cosine(dEmb, target)
	if !ok {
		return nil
	}
	l.isTaken = true
	l.Direction.Direction.All = all
	if t.against == nil {
		return nil
	}
	with := float64(t.against.WithPositives) / float64(len(b.Labels))
	l.Direction.Direction.WithPositives = &with
	past := make([]float32, len(dEmb))
	for i := range past {
		past[i] = dEmb[i] - t.before[i]
	}
	if of, ok := cosine(past, target); ok {
		l.Direction.Direction.Memory = &of
	}
	if of, ok := cosine(t.before, target); ok {
		l.Direction.Direction.Batch = &of
	}
	if both := norm(past, nil) + norm(t.before, nil); both > 0 {
		share := norm(past, nil) / both
		l.Direction.Direction.FromMemory = &share
	}
	return nil
}

// cosine is that of the angle between a and b; there is none where either is zero.
func cosine(a, b []float32) (cos float64, ok bool) {
	var dot float64
	for i, x := range a {
		dot += float64(x) * float64(b[i])
	}
	lengths := norm(a, nil) * norm(b, nil)
	if lengths == 0 {
		return 0, false
	}
	return math.Max(-1, math.Min(1, dot/lengths)), true
}
