package record

import (
	"fmt"
	"math/bits"

	"crossbatch/eval/event"
	"crossbatch/xbm/pair"
)

// add adds what an event of a training says.
func (e *events) add(v event.Event) error { return e.summary(v.At(), summary(v)) }

// summary is an event as TensorBoard has it.
func summary(v event.Event) (values []byte) {
	scalar := func(tag string, x float64) { values = appendScalar(values, tag, x) }
	switch v := v.(type) {
	case event.Step:
		scalar("training/lr", v.LR)
		scalar("memory/rows", float64(v.Rows))
		termSummary(v.Batch, "batch", scalar)
		termSummary(v.Memory, "memory", scalar)
	case event.Validation:
		for _, r := range v.Validation.Recall {
			scalar(fmt.Sprintf("validation/recall@%d", r.K), r.Share)
		}
		scalar("validation/R-precision", v.Validation.RPrecision)
		scalar("validation/MAP@R", v.Validation.MAPAtR)
	case event.Inspection:
		for _, term := range []struct {
			name string
			w    *pair.Weights
		}{{"batch", v.Batch}, {"memory", v.Memory}} {
			if w := term.w; w != nil {
				scalar("weights/"+term.name+"/effective_negatives", w.EffectiveNegatives)
				values = appendHistogram(values, "weights/"+term.name+"/positives_by_similarity", -1, 1, w.Positives)
				values = appendHistogram(values, "weights/"+term.name+"/negatives_by_similarity", -1, 1, w.Negatives)
				values = appendHistogram(values, "weights/"+term.name+"/by_age_bin", 0, float64(len(w.Ages)), w.Ages)
			}
		}
		scalar("weights/gradient_from_memory", v.FromMemory)
	case event.Direction:
		scalar("direction/all", v.Direction.All)
		for _, part := range []struct {
			name string
			x    *float64
		}{{"batch", v.Direction.Batch}, {"memory", v.Direction.Memory}, {"from_memory", v.Direction.FromMemory}, {"with_positives", v.Direction.WithPositives}} {
			if part.x != nil {
				scalar("direction/"+part.name, *part.x)
			}
		}
	case event.Drift:
		for _, d := range v.Drift {
			scalar(fmt.Sprintf("drift/over_%d_steps", d.Delta), d.Value)
		}
		for _, e := range v.MemoryError {
			// Ages are grouped by powers of two; their means vary from look to look.
			scalar(fmt.Sprintf("drift/error_from_age_%d", 1<<bits.Len64(uint64(e.Age))>>1), e.Error)
		}
		if v.GradientError != nil {
			scalar("drift/gradient_error", *v.GradientError)
		}
		if v.GradientCosine != nil {
			scalar("drift/gradient_cosine", *v.GradientCosine)
		}
	}
	return values
}

// termSummary gives the numbers of one term of the loss.
func termSummary(t *event.Term, name string, scalar func(tag string, x float64)) {
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
