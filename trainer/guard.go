package trainer

import (
	"fmt"
	"math"

	"go.uber.org/zap"

	"crossbatch/eval/event"
	"crossbatch/trainer/optim"
)

// Diverged is the error of a training with a number that is NaN or infinite. The step has
// changed no weight, no state of the optimizer and no row of the memory. If What names one of
// these, an earlier step has spoiled it.
type Diverged struct {
	Step  int64   // the step, from 0
	What  string  // the quantity that is not finite: "the loss against the memory"
	Place int     // index in it of the first such number; -1: it is a single number
	Value float64 // that number: NaN or infinite
}

// Error names the number that is not finite, and its place.
func (d *Diverged) Error() string {
	return d.why() + ": the training has diverged: lower the learning rate, or set skip-bad-batches to leave out such a batch"
}

// why says what is wrong.
func (d *Diverged) why() string {
	if d.Place < 0 {
		return fmt.Sprintf("%s is %g", d.What, d.Value)
	}
	return fmt.Sprintf("%s is %g at place %d", d.What, d.Value, d.Place)
}

// firstBad is the place of the first number that is not finite, or -1.
func firstBad(x []float32) int {
	// The sum of 0·v is 0 or NaN: one pass without a branch, in four lanes so
	// that no addition waits for another.
	var a, b, c, d float32
	i := 0
	for ; i+4 <= len(x); i += 4 {
		a += 0 * x[i]
		b += 0 * x[i+1]
		c += 0 * x[i+2]
		d += 0 * x[i+3]
	}
	for ; i < len(x); i++ {
		a += 0 * x[i]
	}
	if a+b+c+d == 0 {
		return -1
	}
	for i, v := range x {
		if v-v != 0 {
			return i
		}
	}
	return -1
}

// finite returns a Diverged if a number is not.
func finite(step int64, what string, x []float32) error {
	if i := firstBad(x); i >= 0 {
		return &Diverged{step, what, i, float64(x[i])}
	}
	return nil
}

func finiteNumber(step int64, what string, x float64) error {
	if x-x != 0 {
		return &Diverged{step, what, -1, x}
	}
	return nil
}

// finiteEmbeddings looks at the embeddings of something, row by row.
func finiteEmbeddings(step int64, of string, emb []float32, dim int) error {
	i := firstBad(emb)
	if i < 0 {
		return nil
	}
	return &Diverged{step, fmt.Sprintf("embedding %d of %s", i/dim, of), i % dim, float64(emb[i])}
}

// finiteTerms looks at the losses and their gradient with respect to the
// embeddings.
func finiteTerms(m *event.Step, dEmb []float32) error {
	for _, term := range []struct {
		name string
		of   *event.Term
	}{{"the loss within the batch", m.Batch}, {"the loss against the memory", m.Memory}} {
		if term.of == nil {
			continue
		}
		if err := finiteNumber(m.Step, term.name, term.of.Loss); err != nil {
			return err
		}
		if x := term.of.Gradient; x-x != 0 {
			if err := finite(m.Step, "the gradient of "+term.name, dEmb); err != nil {
				return err
			}
			return finiteNumber(m.Step, "the gradient of "+term.name, x)
		}
	}
	return nil
}

// finiteGradients looks at the gradients of all that learns, and at the buffers,
// which have moved already.
func (t *Training) finiteGradients(step int64) (err error) {
	if e, is := t.Encoder.(Elsewhere); is {
		finite, err := e.Finite()
		if err != nil {
			return err
		}
		if finite {
			return t.finiteLearned(step)
		}
	}
	t.Encoder.State(func(name string, _ []int, value, grad []float32) {
		switch {
		case err != nil:
		case grad == nil:
			err = finite(step, name, value)
		default:
			err = finite(step, "the gradient of "+name, grad)
		}
	})
	if err != nil {
		return err
	}
	return t.finiteLearned(step)
}

// finiteLearned looks at the gradients of what the losses learn.
func (t *Training) finiteLearned(step int64) (err error) {
	for _, l := range t.terms.learned {
		for _, p := range l.params {
			if err == nil && l.ran {
				err = finite(step, "the gradient of the loss's "+p.Name, p.Grad)
			}
		}
	}
	return err
}

// finiteWeights looks at all that a step has moved: what is not finite there is
// not to be kept.
func (t *Training) finiteWeights(step int64) (err error) {
	look := func(what string, x []float32) {
		if err == nil {
			err = finite(step, what, x)
		}
	}
	t.Encoder.State(func(name string, _ []int, value, _ []float32) { look(name, value) })
	for _, l := range t.terms.learned {
		for _, p := range l.params {
			look("the loss's "+p.Name, p.Value)
		}
	}
	for _, o := range []optim.Optimizer{t.optimizer, t.terms.optimizer} {
		for _, slots := range o.State().Slots {
			for i, slot := range *slots {
				look(fmt.Sprintf("what the optimizer remembers of parameter %d", i), slot)
			}
		}
	}
	return err
}

// collapsed is the spread under which embeddings count as alike: a mean cosine of
// 0.9999. An untrained network is at some hundredths, rounding at a ten-millionth.
const collapsed = 1e-4

// spread is 1-‖m‖², m the mean of the rows at unit length; 0 if all are zero.
func spread(emb []float32, dim int) float64 {
	mean := make([]float64, dim)
	rows := 0.0
	for ; len(emb) >= dim; emb = emb[dim:] {
		var square float64
		for _, v := range emb[:dim] {
			square += float64(v) * float64(v)
		}
		if square == 0 {
			continue
		}
		rows++
		inverse := 1 / math.Sqrt(square)
		for i, v := range emb[:dim] {
			mean[i] += float64(v) * inverse
		}
	}
	if rows == 0 {
		return 0
	}
	square := 0.0
	for _, m := range mean {
		square += m / rows * m / rows
	}
	return max(0, 1-square)
}

// watch tells once of embeddings that are all alike.
func (t *Training) watch(step int64, emb []float32) error {
	if t.collapsed || len(emb) < 2*t.Config.Network.Dim {
		return nil
	}
	s := spread(emb, t.Config.Network.Dim)
	if s >= collapsed {
		return nil
	}
	t.collapsed = true
	if t.Log != nil {
		t.Log.Warn("all embeddings of the batch are alike: the network has collapsed; another loss, a miner or a lower learning rate may help",
			zap.Int64("step", step), zap.Float64("mean_cosine", 1-s))
	}
	return t.report(event.Collapse{Step: step, Spread: s})
}
