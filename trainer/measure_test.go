package trainer

import (
	"testing"
	"time"

	"crossbatch/eval/event"
)

func TestMeasureTakesStepsWithAFullMemory(t *testing.T) {
	for _, memory := range []string{"0", "70", "100%"} {
		r, net := barsRun(t)
		r.Config.Memory.Size, r.Config.Memory.Start = memory, StartAuto
		r.Metric = func(event.Event) error { t.Error("something is reported"); return nil }
		training, err := Prepare(r)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		cost, err := training.Measure(3)
		if err != nil {
			t.Fatal(err)
		}
		if all := time.Since(began); 3*cost.Step+cost.Validation > all {
			t.Errorf("memory %s: 3 steps of %v and a validation of %v took %v", memory, cost.Step, cost.Validation, all)
		}
		if cost.Step <= 0 || cost.Validation <= 0 || net.buffer[0] != 4 {
			t.Errorf("memory %s: %+v after %v steps", memory, cost, net.buffer[0])
		}
		if m := training.terms.memory; m != nil && m.Memory.Len() != m.Memory.Cap() {
			t.Errorf("memory %s: %d rows of %d", memory, m.Memory.Len(), m.Memory.Cap())
		}
	}
}
