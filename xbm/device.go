package xbm

import "crossbatch/xbm/pair"

// Device can take the place of the processor for the sweep of a [CrossBatch] over its
// memory: a graphics card, say, that keeps a copy of the rows.
type Device interface {
	// Run takes the loss l of a problem: it stores the gradient with respect to the
	// anchors' unit rows in dst (anchors×dim), that of what the loss learns in its
	// Params, and returns the whole summary, the counts of pairs by p.Rule among them.
	// It returns false for a loss or a problem that it can't take, having stored
	// nothing; then the processor takes it. An error is that of a device that is lost:
	// it ends the training. The columns are the memory's rows in slot
	// order, as pair.Side describes them; they alias the memory and are valid during
	// the call. Results may differ from the processor's by rounding alone, and must be
	// the same for the same input.
	Run(dst []float32, p *pair.Problem, l pair.Loss) (s pair.Summary, taken bool, err error)
}

// run takes the loss by the device, where there is one that does, or the processor.
func (t *CrossBatch) run(p *pair.Problem, inspection *pair.Inspection) (pair.Summary, error) {
	if p.Columns.Ranks != nil {
		t.engine.Inspect = inspection
		return t.engine.RunShared(t.dUnit, p, t.Loss)
	}
	if t.Device != nil && inspection == nil {
		if s, taken, err := t.Device.Run(t.dUnit, p, t.Loss); taken || err != nil {
			return s, err
		}
	}
	t.engine.Inspect = inspection
	return t.engine.Run(t.dUnit, p, t.Loss), nil
}
