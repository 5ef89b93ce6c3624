package trainer

import (
	"math"
	"slices"
	"testing"

	"crossbatch/eval/drift"
	"crossbatch/eval/event"
)

// drifts trains and returns the looks at drift, and the encoder's weights before
// each step.
func drifts(t *testing.T, r Run, net *linear) (looks []event.Drift, weights map[int64][]float32) {
	t.Helper()
	weights = map[int64][]float32{0: slices.Clone(net.weight)}
	r.Metric = func(metric event.Event) error {
		switch m := metric.(type) {
		case event.Drift:
			looks = append(looks, m)
		case event.Step:
			weights[m.Step+1] = slices.Clone(net.weight)
		}
		return nil
	}
	train(t, r)
	return looks, weights
}

func TestDriftIsThatOfTheWeights(t *testing.T) {
	r, net := barsRun(t)
	r.Config.Steps, r.Config.Watch.DriftEvery = 121, 15
	looks, weights := drifts(t, r, net)
	var steps []int64
	for _, d := range looks {
		steps = append(steps, d.Step)
		lags := []int64{10}
		if d.Step >= 100 && (d.Step-100)%15 == 0 {
			lags = append(lags, 100)
		}
		var got []int64
		for _, over := range d.Drift {
			got = append(got, over.Delta)
			probe := newProbe(r.Config, r.Split.Train, probeImages)
			for _, at := range []int64{d.Step - over.Delta, d.Step} {
				copy(net.weight, weights[at])
				if err := probe.embed(net, r.Set, at); err != nil {
					t.Fatal(err)
				}
			}
			want, err := drift.Of(probe.past[0].rows, probe.past[1].rows, 8)
			if err != nil || over.Value != want {
				t.Errorf("step %d: drift over %d is %g, want %g (%v)", d.Step, over.Delta, over.Value, want, err)
			}
		}
		if d.Step < 100 && !slices.Equal(got, lags) {
			t.Errorf("step %d: drift over %v, want %v", d.Step, got, lags)
		}
	}
	if want := []int64{15, 30, 45, 60, 75, 90, 105, 120}; !slices.Equal(steps, want) {
		t.Errorf("looks at %v, want %v", steps, want)
	}
	if last := looks[7]; len(last.Drift) != 2 || last.Drift[1].Delta != 100 {
		t.Errorf("at step 120: %v, want drift over 10 and 100", last.Drift)
	}
}

// Looking makes no difference to the training: not to its random generators, nor to what a
// loss learns, nor to the memory.
func TestLookingAtDriftChangesNothing(t *testing.T) {
	for _, c := range []struct{ loss, miner, combine string }{
		{"margin:learn_beta=true", "distance-weighted", Paper},
		{"margin:learn_beta=true", "distance-weighted", PML},
		{"contrastive", "none", PML},
	} {
		var weights [2][]float32
		for k, every := range []int64{0, 7} {
			r, net := barsRun(t)
			r.Config.Loss.Spec, r.Config.Loss.Miner, r.Config.Memory.Combine, r.Config.Watch.DriftEvery = c.loss, c.miner, c.combine, every
			looks := 0
			r.Metric = func(metric event.Event) error {
				if _, ok := metric.(event.Drift); ok {
					looks++
				}
				return nil
			}
			train(t, r)
			if weights[k] = net.weight; (looks > 0) != (every > 0) {
				t.Errorf("every %d steps: %d looks", every, looks)
			}
		}
		if !slices.Equal(weights[0], weights[1]) {
			t.Errorf("%v: looking at drift changes the weights", c)
		}
	}
}

// A network that does not move leaves nothing to be wrong about, whatever the
// loss draws or learns.
func TestNoMovementNoError(t *testing.T) {
	for _, combine := range []string{Both, Paper, PML} {
		r, net := barsRun(t)
		r.Config.Loss.Spec, r.Config.Loss.Miner, r.Config.Memory.Combine = "margin:learn_beta=true", "distance-weighted", combine
		r.Config.Optimizer.LR, r.Config.Loss.LR, r.Config.Watch.DriftEvery, r.Config.Optimizer.Name = 1e-30, 0.01, 20, "sgd"
		looks, _ := drifts(t, r, net)
		last := looks[len(looks)-1]
		rows := 0
		for _, e := range last.MemoryError {
			rows += e.Rows
			if e.Error > 1e-12 {
				t.Errorf("rows of age %g have an error of %g", e.Age, e.Error)
			}
		}
		if want := min(len(r.Split.Train), int(last.Step-10)*16); rows != want {
			t.Errorf("errors of %d rows, want %d", rows, want)
		}
		if last.GradientError == nil || *last.GradientError > 1e-5 || *last.GradientCosine < 0.99999 {
			t.Errorf("%s: %+v: a gradient error", combine, last)
		}
	}
}

// Of an empty memory nothing is told, not even where this step's rows are its first.
func TestLooksBeforeTheMemoryStarts(t *testing.T) {
	r, net := barsRun(t)
	r.Config.Memory.Start, r.Config.Watch.DriftEvery = 40, 20
	looks, _ := drifts(t, r, net)
	if len(looks) < 2 || looks[1].Step != 40 {
		t.Fatalf("%+v", looks)
	}
	for _, look := range looks[:2] {
		if len(look.Drift) == 0 || look.MemoryError != nil || look.GradientError != nil {
			t.Errorf("%+v", look)
		}
	}
}

// The probe keeps what a later look asks for, and no more.
func TestTheProbeForgets(t *testing.T) {
	r, net := barsRun(t)
	r.Config.Watch.DriftEvery = 15
	m, err := newMonitor(r)
	if err != nil {
		t.Fatal(err)
	}
	kept := map[int64][]int64{} // after a step
	for step := range int64(31) {
		if _, err := m.before(step, net, r.Set, nil); err != nil {
			t.Fatal(err)
		}
		for _, past := range m.probe.past {
			kept[step] = append(kept[step], past.step)
		}
	}
	for step, want := range map[int64][]int64{0: nil, 5: {5}, 14: {5}, 15: {5}, 20: {5, 20}, 30: {5, 20}} {
		if !slices.Equal(kept[step], want) {
			t.Errorf("after step %d it keeps those of %v, want %v", step, kept[step], want)
		}
	}
}

func TestLooksWithoutMemory(t *testing.T) {
	r, net := barsRun(t)
	r.Config.Memory.Size, r.Config.Watch.DriftEvery = "0", 20
	looks, _ := drifts(t, r, net)
	if len(looks) != 2 || len(looks[0].Drift) != 1 || looks[0].MemoryError != nil || looks[0].GradientError != nil {
		t.Errorf("%+v", looks)
	}
}

// A network drifts fast in the beginning, slowly afterwards, and still more slowly
// when the learning rate has fallen. Reference: section 3.2 and figure 3.
func TestPaperDriftIsSlow(t *testing.T) {
	r, net := barsRun(t)
	r.Config.Steps, r.Config.Memory.Start, r.Config.Optimizer.Schedule, r.Config.Watch.DriftEvery, r.Config.Optimizer.LR = 900, 10_000, "step", 10, 0.1
	looks, _ := drifts(t, r, net)
	mean := func(from, to int64) (sum float64) {
		n := 0.0
		for _, d := range looks {
			if d.Step >= from && d.Step < to {
				sum += d.Drift[0].Value
				n++
			}
		}
		return sum / n
	}
	early, late, lower := mean(0, 100), mean(300, 630), mean(650, 900)
	if !(late < early/2 && lower < late/2) {
		t.Errorf("drift over 10 steps is %g early, %g late and %g at a lower learning rate", early, late, lower)
	}
}

// The error of the gradient is bounded by that of the rows: the smaller the one,
// the smaller the other. Reference: section 3.2, lemma 1.
func TestPaperGradientErrorFallsWithTheRows(t *testing.T) {
	rows, gradients := math.Inf(1), math.Inf(1)
	for _, rate := range []float64{0.02, 0.005, 0.00125} {
		r, net := barsRun(t)
		r.Config.Steps, r.Config.Optimizer.LR, r.Config.Optimizer.Schedule, r.Config.Watch.DriftEvery = 200, rate, "constant", 20
		looks, _ := drifts(t, r, net)
		var row, gradient float64
		for _, d := range looks[5:] {
			var weighted, n float64
			for _, e := range d.MemoryError {
				weighted += e.Error * float64(e.Rows)
				n += float64(e.Rows)
			}
			row += weighted / n
			gradient += *d.GradientError
		}
		t.Logf("learning rate %g: rows are off by %g, the gradient by %g", rate, row, gradient)
		if !(row < rows/2 && gradient < gradients) {
			t.Errorf("learning rate %g: rows are off by %g after %g, the gradient by %g after %g", rate, row, rows, gradient, gradients)
		}
		rows, gradients = row, gradient
	}
}
