package trainer

import (
	"context"

	"crossbatch/eval/event"
	"crossbatch/trainer/data"
	"crossbatch/xbm"
)

// pass is one step's way through its phases: what each leaves to those after it.
type pass struct {
	ctx        context.Context
	metric     event.Step
	batch      data.Batch
	anchors    []float32 // images that the network trains on
	rows       int       // as many anchors, with labels and ids
	keys       []float32 // embeddings that the memory stores in place of the anchors'; nil: those
	failed     error     // of forward, the terms and backward, for the guard
	skipped    bool      // the guard has left the batch out: no phase follows
	drift      *driftLook
	direction  *directionLook
	inspection *inspection
}

// step trains on one batch. The order of the phases is part of what a configuration
// means: another gives other numbers.
func (t *Training) step(ctx context.Context, number int64) (event.Step, error) {
	p := &pass{ctx: ctx, metric: event.Step{Step: number, LR: t.Config.schedule().At(number)}}
	for _, phase := range []func(*pass) error{
		t.startMemory,  // is it time for the memory? then it is filled, if that is wanted
		t.cureMemory,   // its rows move as probes have
		t.lookAtDrift,  // by the network, and against the memory, as they are before the step
		t.embedSet,     // for a look at the gradient's direction
		t.draw,         // images, labels and ids of the batch
		t.embedKeys,    // by the momentum encoder, as it was after the last step
		t.arm,          // keep what a bad batch would spoil
		t.forwardTerms, // forward; losses and their gradient, enqueue; backward
		t.guard,        // what is not finite ends the training, or the batch is undone
		t.update,       // the weights, what the losses learn, the momentum encoder
		t.observe,      // counts; tell of drift and of the weights of the pairs
	} {
		if err := phase(p); err != nil || p.skipped {
			return p.metric, err
		}
	}
	return p.metric, nil
}

func (t *Training) cureMemory(p *pass) error {
	return t.cure.before(p.metric.Step, t.team.sharing(t.storing()), t.trained)
}

func (t *Training) lookAtDrift(p *pass) (err error) {
	p.drift, err = t.monitor.before(p.metric.Step, t.team.sharing(t.Encoder), t.trained, t.terms.memory)
	return err
}

func (t *Training) embedSet(p *pass) (err error) {
	p.direction, err = t.compass.before(p.metric.Step, t.team.sharing(t.Encoder), t.trained)
	return err
}

// draw waits for the next batch.
func (t *Training) draw(p *pass) (err error) {
	if p.batch, err = t.loader.Next(); err != nil {
		return err
	}
	t.clock.waited += p.batch.Waited
	for k := range t.ids {
		i := p.batch.Index[k%len(p.batch.Index)] // view after view
		t.labels[k], t.ids[k] = t.trained.Labels[i], int64(i)
	}
	return nil
}

func (t *Training) embedKeys(p *pass) (err error) {
	p.anchors, p.keys, err = t.momentum.keys(p.batch.Images)
	if err == nil {
		p.keys, err = t.team.keys(p.keys, t.Config.Network.Dim)
	}
	p.rows = len(t.ids) * len(p.anchors) / len(p.batch.Images)
	return err
}

// forwardTerms takes the network's passes, each rank with its part of the batch. Between
// them the terms add up the gradient with respect to the embeddings, and the memory stores
// the batch: after its loss is taken, or, where the batch is part of the memory, before.
func (t *Training) forwardTerms(p *pass) error {
	step, dim := p.metric.Step, t.Config.Network.Dim
	p.failed = t.Encoder.Train(p.anchors, func(dEmb, emb []float32) (err error) {
		// All that comes now every rank does with the whole batch, alike.
		ownGradient := dEmb
		if dEmb, emb, err = t.team.whole(p.ctx, dEmb, emb, dim); err != nil {
			return err
		}
		defer t.team.take(ownGradient, dEmb, dim)
		if err := finiteEmbeddings(step, "the batch", emb, dim); err != nil {
			return err
		}
		if err := finiteEmbeddings(step, "the keys", p.keys, dim); err != nil {
			return err
		}
		if err := t.watch(step, emb); err != nil {
			return err
		}
		b := xbm.Batch{Embeddings: emb, Keys: p.keys, Labels: t.labels[:p.rows], IDs: t.ids[:p.rows], Step: step}
		if p.inspection, err = t.terms.add(dEmb, b, &p.metric, p.drift.observers()...); err != nil {
			return err
		}
		if err := p.direction.take(dEmb, t.terms, b); err != nil {
			return err
		}
		return finiteTerms(&p.metric, dEmb)
	})
	if p.failed != nil {
		return nil
	}
	return t.team.addUp(t.Encoder)
}

// update takes the optimizers' steps, and has the momentum encoder follow.
func (t *Training) update(p *pass) error {
	t.optimizer.Begin(p.metric.LR)
	t.updateWeights()
	t.terms.update(t.Config.lossSchedule().At(p.metric.Step))
	p.metric.KeyMomentum = t.momentum.follow(p.metric.Step, t.Encoder)
	return elsewhereErr(t.Encoder)
}

// observe counts the step's pairs and tells of what was looked at.
func (t *Training) observe(p *pass) error {
	t.counts.add(p.metric.Memory, p.rows, t.Config.Memory.KeepCopies)
	if p.drift != nil {
		p.drift.finish()
		if err := t.report(p.drift.Drift); err != nil {
			return err
		}
	}
	if p.direction != nil && p.direction.isTaken {
		if err := t.report(p.direction.Direction); err != nil {
			return err
		}
	}
	if p.inspection != nil {
		return t.report(p.inspection.Inspection)
	}
	return nil
}

// counts are sums over all steps.
type counts struct {
	copies, positives, anchors float64 // of the term against the memory
	skipped                    int64   // batches
	skippedInARow              int
}

// add counts the pairs of a step with the memory, if it had any.
func (c *counts) add(m *event.Term, anchors int, keepCopies bool) {
	if m == nil {
		return
	}
	c.copies += float64(m.Copies)
	c.anchors += float64(anchors)
	c.positives += float64(m.Positives)
	if !keepCopies {
		c.positives += float64(m.Copies)
	}
}
