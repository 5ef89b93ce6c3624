package record

import (
	"fmt"
	"math/bits"
)

// add adds a line of the metrics to the events. Being made from the line as it is
// read back, they cannot say other than it does.
func (e *events) add(l *Line) error { return e.summary(l.Step, l.summary()) }

// summary is the line as TensorBoard has it.
func (l *Line) summary() (values []byte) {
	scalar := func(tag string, x float64) { values = appendScalar(values, tag, x) }
	if l.LR != nil {
		scalar("training/lr", *l.LR)
		scalar("memory/rows", float64(l.Rows))
	}
	l.Batch.summary("batch", scalar)
	l.Memory.summary("memory", scalar)
	if v := l.Validation; v != nil {
		for _, r := range v.Recall {
			scalar(fmt.Sprintf("validation/recall@%d", r.K), r.Share)
		}
		scalar("validation/R-precision", v.RPrecision)
		scalar("validation/MAP@R", v.MAPAtR)
	}
	for _, term := range []struct {
		name string
		w    *Weights
	}{{"batch", l.BatchWeights}, {"memory", l.MemoryWeights}} {
		if w := term.w; w != nil {
			scalar("weights/"+term.name+"/effective_negatives", w.EffectiveNegatives)
			values = appendHistogram(values, "weights/"+term.name+"/positives_by_similarity", -1, 1, w.Positives)
			values = appendHistogram(values, "weights/"+term.name+"/negatives_by_similarity", -1, 1, w.Negatives)
			values = appendHistogram(values, "weights/"+term.name+"/by_age_bin", 0, float64(len(w.Ages)), w.Ages)
		}
	}
	if l.FromMemory != nil {
		scalar("weights/gradient_from_memory", *l.FromMemory)
	}
	for _, d := range l.Drift {
		scalar(fmt.Sprintf("drift/over_%d_steps", d.Delta), d.Value)
	}
	for _, e := range l.MemoryError {
		// Ages are grouped by powers of two; their means vary from look to look.
		scalar(fmt.Sprintf("drift/error_from_age_%d", 1<<bits.Len64(uint64(e.Age))>>1), e.Error)
	}
	if l.GradientError != nil {
		scalar("drift/gradient_error", *l.GradientError)
	}
	if l.GradientCosine != nil {
		scalar("drift/gradient_cosine", *l.GradientCosine)
	}
	return values
}

// summary gives the numbers of one term of the loss.
func (t *Term) summary(name string, scalar func(tag string, x float64)) {
	if t == nil {
		return
	}
	scalar(name+"/loss", t.Loss)
	scalar(name+"/gradient_norm", t.Gradient)
	if t.Positives > 0 {
		scalar(name+"/active_positives", float64(t.ActivePositives)/float64(t.Positives))
	}
	if t.Negatives > 0 {
		scalar(name+"/active_negatives", float64(t.ActiveNegatives)/float64(t.Negatives))
	}
}
