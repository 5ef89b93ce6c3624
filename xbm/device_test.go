package xbm

import (
	"math/rand/v2"
	"slices"
	"testing"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/pair"
)

// fake is a device that takes contrastive losses, by the processor.
type fake struct{ taken, refused int }

func (d *fake) Run(dst []float32, p *pair.Problem, l pair.Loss) (pair.Summary, bool, error) {
	if _, ok := l.(*loss.Contrastive); !ok {
		d.refused++
		return pair.Summary{}, false, nil
	}
	d.taken++
	return (&engine.Engine{Plain: true}).Run(dst, p, l), true, nil
}

// A term with a device is the term without, whether the device takes the loss or
// not; weights of single pairs are shown by the processor.
func TestDeviceTakesTheSweep(t *testing.T) {
	for _, text := range []string{"contrastive", "multi-similarity"} {
		rng := rand.New(rand.NewPCG(3, 9))
		device := &fake{}
		on, off := newCrossBatch(t, 20, 4), newCrossBatch(t, 20, 4)
		on.Device = device
		for _, c := range []*CrossBatch{on, off} {
			var err error
			if c.Loss, err = loss.Parse(text); err != nil {
				t.Fatal(err)
			}
		}
		for step := range int64(4) {
			b := randomBatch(rng, 5, 4, step)
			var observers []Observer
			var seen pair.Inspection
			if step == 3 {
				observers = append(observers, Inspect(&seen))
			}
			got, dGot := add(t, on, b, observers...)
			want, dWant := add(t, off, b)
			if !near(got.Value, want.Value) || got.Positives != want.Positives || got.Negatives != want.Negatives || !nearAll(dGot, dWant, 1) {
				t.Errorf("%s, step %d: %+v, without a device %+v", text, step, got, want)
			}
			if step == 3 && !slices.ContainsFunc(seen.Weights().Negatives, func(x float64) bool { return x > 0 }) {
				t.Errorf("%s: no weights are shown", text)
			}
		}
		if device.taken+device.refused != 3 || (device.taken == 3) != (text == "contrastive") {
			t.Errorf("%s: the device took %d and refused %d of 3 steps", text, device.taken, device.refused)
		}
	}
}
