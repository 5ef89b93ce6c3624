package trainer

import (
	"math/rand/v2"
	"slices"

	"crossbatch/eval/drift"
	"crossbatch/eval/event"
	"crossbatch/trainer/data"
	"crossbatch/xbm"
	"crossbatch/xbm/pair"
)

// driftLook is a look at drift, while it is taken.
type driftLook struct {
	event.Drift
	comparison *xbm.Comparison // of the memory term's gradient; nil: none
}

// driftLags are the numbers of steps that the paper looks at (arXiv 1912.06798,
// section 3.2).
func driftLags() []int64 { return []int64{10, 100, 1000} }

// monitor looks at drift every so many steps. It only reads of the training, and
// has random generators of its own, so that it makes no difference to it.
type monitor struct {
	every int64
	lags  []int64
	probe probe
	loss  pair.Loss // like the memory term's
}

// newMonitor returns the monitor of r, nil for none.
func newMonitor(r Run) (*monitor, error) {
	c := r.Config
	if c.Watch.DriftEvery == 0 {
		return nil, nil
	}
	m := &monitor{every: c.Watch.DriftEvery, lags: driftLags(), probe: newProbe(c, r.Split.Train, probeImages)}
	var err error
	m.loss, err = r.Own.loss(c, memoryTerm)
	return m, err
}

// isNeeded says whether a look at or after the step now needs what was embedded
// at a step.
func (m *monitor) isNeeded(step, now int64) bool {
	return step >= now && step%m.every == 0 ||
		slices.ContainsFunc(m.lags, func(lag int64) bool { return step+lag >= now && (step+lag)%m.every == 0 })
}

// before looks at the network as it is before a step. It returns nil where there
// is nothing to be told. Where it tells of a memory, finish must follow the step.
func (m *monitor) before(step int64, e Encoder, set *data.Set, memory *xbm.CrossBatch) (*driftLook, error) {
	if m == nil || !m.isNeeded(step, step) {
		return nil, nil
	}
	if err := m.probe.embed(e, set, step); err != nil {
		return nil, err
	}
	defer m.probe.keep(func(past int64) bool { return m.isNeeded(past, step+1) })
	if step%m.every != 0 {
		return nil, nil
	}
	d := &driftLook{Drift: event.Drift{Step: step}}
	now := m.probe.at(step)
	for _, lag := range m.lags {
		before := m.probe.at(step - lag)
		if before == nil {
			continue
		}
		value, err := drift.Of(now, before, e.Dim())
		if err != nil {
			return nil, err
		}
		d.Drift.Drift = append(d.Drift.Drift, event.DriftOver{Delta: lag, Value: value})
	}
	if memory != nil {
		memory.Memory.Expire(step) // as the step does: slots are not to change any more
	}
	if memory != nil && memory.Memory.Len() > 0 {
		if err := m.compare(d, e, set, memory); err != nil {
			return nil, err
		}
	}
	if d.Drift.Drift == nil && d.MemoryError == nil {
		return nil, nil
	}
	return d, nil
}

// compare embeds the memory's rows anew, takes their errors, and has the next
// gradient compared.
func (m *monitor) compare(d *driftLook, e Encoder, set *data.Set, t *xbm.CrossBatch) error {
	fresh, err := embedAnew(e, set, t.Memory.IDs())
	if err != nil {
		return err
	}
	ages := make([]int64, t.Memory.Len())
	for i, birth := range t.Memory.Births() {
		ages[i] = d.Step - birth
	}
	d.MemoryError, err = drift.ErrorByAge(t.Memory.AppendRows(nil), fresh, e.Dim(), ages)
	if err != nil {
		return err
	}
	follow(m.loss, t.Loss)
	d.comparison = &xbm.Comparison{Fresh: fresh, Loss: m.loss}
	return nil
}

// finish fills in, after the step, what it made of the gradient.
func (d *driftLook) finish() {
	if d.comparison == nil || d.comparison.Exact == nil {
		return
	}
	if relative, cosine, ok := drift.GradientError(d.comparison.Stored, d.comparison.Exact); ok {
		d.GradientError, d.GradientCosine = &relative, &cosine
	}
}

// observers look at the memory term of the step; d may be nil.
func (d *driftLook) observers() []xbm.Observer {
	if d == nil || d.comparison == nil {
		return nil
	}
	return []xbm.Observer{d.comparison}
}

// embedAnew embeds the images that ids are the numbers of, each image once.
func embedAnew(e Encoder, set *data.Set, ids []int64) ([]float32, error) {
	var index []int
	place := map[int64]int{}
	for _, id := range ids {
		if _, seen := place[id]; !seen {
			place[id] = len(index)
			index = append(index, int(id))
		}
	}
	rows, err := embedUnit(e, set, index)
	if err != nil {
		return nil, err
	}
	fresh := make([]float32, 0, len(ids)*e.Dim())
	for _, id := range ids {
		fresh = append(fresh, rows[place[id]*e.Dim():][:e.Dim()]...)
	}
	return fresh, nil
}

// follow brings a loss to where another of the same configuration is: to what that one
// has learnt, and to what it draws next.
func follow(l, other pair.Loss) {
	learned := pair.Params(other)
	for i, p := range pair.Params(l) {
		copy(p.Value, learned[i].Value)
	}
	if from, to := generatorOf(other), generatorOf(l); from != nil {
		*to = *from
	}
}

// generatorOf is the random generator of a loss's miner, nil if it draws nothing.
func generatorOf(l pair.Loss) *rand.PCG {
	if mined, ok := l.(*pair.Mined); ok {
		if m, ok := mined.Miner.(pair.Seeded); ok {
			return m.Random()
		}
	}
	return nil
}
