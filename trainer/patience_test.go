package trainer

import (
	"slices"
	"testing"

	"crossbatch/eval/event"
)

func TestPatienceEndsTraining(t *testing.T) {
	r, _ := barsRun(t)
	r.Config.Steps, r.Config.Watch.ValidateEvery = 2000, 5
	r.Config.Optimizer.LR = 1e-12 // nothing becomes better
	r.Config.Watch.Patience = 3
	var looks []int64
	r.Metric = func(m event.Event) error {
		if v, ok := m.(event.Validation); ok {
			looks = append(looks, v.Step)
		}
		return nil
	}
	result := train(t, r)
	if !slices.Equal(looks, []int64{5, 10, 15, 20}) || result.Steps != 20 || result.Images != 20*16 || result.BestStep != 5 {
		t.Errorf("validation after %v, %d steps, best after %d", looks, result.Steps, result.BestStep)
	}

	whole, _ := barsRun(t)
	whole.Config.Watch.Patience = 1000
	plain, _ := barsRun(t)
	if a, b := train(t, whole), train(t, plain); a.Steps != b.Steps || !slices.Equal(a.TestEmb, b.TestEmb) {
		t.Error("patience that does not run out changes the training")
	}
}

func TestNoTestLeavesTheTestAlone(t *testing.T) {
	r, _ := barsRun(t)
	tested := train(t, r)
	r, _ = barsRun(t)
	r.NoTest = true
	r.Split.Test = nil // of which there are no scores
	result := train(t, r)
	if result.TestEmb != nil || result.TestIndex != nil || result.Test.Queries != 0 {
		t.Errorf("there are test scores: %+v", result.Test)
	}
	if result.Validation.MAPAtR != tested.Validation.MAPAtR {
		t.Error("validation is not that of a run with a test")
	}
}
