package trainer

import "crossbatch/xbm"

// step trains on one batch.
func (t *Training) step(step int64) (Step, error) {
	if err := t.startMemory(step); err != nil {
		return Step{}, err
	}
	if err := t.cure.before(step, t.storing(), t.trained); err != nil {
		return Step{}, err
	}
	drift, err := t.monitor.before(step, t.Encoder, t.trained, t.terms.memory)
	if err != nil {
		return Step{}, err
	}
	batch, err := t.loader.Next()
	if err != nil {
		return Step{}, err
	}
	t.waited += batch.Waited
	for k := range t.ids {
		i := batch.Index[k%len(batch.Index)] // view after view
		t.labels[k], t.ids[k] = t.trained.Labels[i], int64(i)
	}
	anchors, keys, err := t.keys.of(batch.Images)
	if err != nil {
		return Step{}, err
	}
	rows := len(t.ids) * len(anchors) / len(batch.Images)
	metric := Step{Step: step, LR: t.Config.schedule().At(step)}
	if t.Config.SkipBadBatches {
		if err := t.undo.take(t); err != nil {
			return metric, err
		}
	}
	var inspection *Inspection
	err = t.Encoder.Train(anchors, func(dEmb, emb []float32) (err error) {
		if err := finiteEmbeddings(step, "the batch", emb, t.Config.Network.Dim); err != nil {
			return err
		}
		if err := finiteEmbeddings(step, "the keys", keys, t.Config.Network.Dim); err != nil {
			return err
		}
		if err := t.watch(step, emb); err != nil {
			return err
		}
		inspection, err = t.terms.add(dEmb, xbm.Batch{Embeddings: emb, Keys: keys, Labels: t.labels[:rows], IDs: t.ids[:rows], Step: step}, &metric, drift.observers()...)
		if err != nil {
			return err
		}
		return finiteTerms(&metric, dEmb)
	})
	if err == nil {
		err = t.finiteGradients(step)
	}
	if bad := t.isBad(err); bad != nil {
		return t.skip(bad, metric)
	}
	if err != nil {
		return metric, err
	}
	t.skippedInARow = 0
	t.update(metric.LR)
	t.terms.update(t.Config.lossSchedule().At(step))
	metric.KeyMomentum = t.keys.follow(step, t.Encoder)
	t.count(&metric, rows)
	if drift != nil {
		drift.finish()
		if err := t.report(drift); err != nil {
			return metric, err
		}
	}
	if inspection != nil {
		return metric, t.report(inspection)
	}
	return metric, nil
}

// update takes the optimizer's step.
func (t *Training) update(rate float64) {
	t.optimizer.Begin(rate)
	i := 0
	t.Encoder.State(func(name string, _ []int, value, grad []float32) {
		if grad != nil {
			factor := 1.0
			if t.Config.Optimizer.HeadLR > 0 && t.Encoder.Head(name) {
				factor = t.Config.Optimizer.HeadLR
			}
			t.optimizer.Update(i, factor, value, grad)
		}
		i++
	})
}

// count adds the pairs of a step with the memory to those of all steps.
func (t *Training) count(metric *Step, anchors int) {
	m := metric.Memory
	if m == nil {
		return
	}
	t.copies += float64(m.Copies)
	t.anchors += float64(anchors)
	t.positives += float64(m.Positives)
	if !t.Config.Memory.KeepCopies {
		t.positives += float64(m.Copies)
	}
}
