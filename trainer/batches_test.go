package trainer

import (
	"slices"
	"testing"

	"crossbatch/eval/event"
	"crossbatch/trainer/data/augment"
)

func TestFewerClassesTrain(t *testing.T) {
	r, _ := barsRun(t)
	r.Config.Data.TrainClasses = 4
	split, err := r.Config.Parts(r.Set)
	if err != nil {
		t.Fatal(err)
	}
	train, _, _ := split.Classes(r.Set)
	all, _, _ := r.Split.Classes(r.Set)
	if len(train) != 4 || len(all) <= 4 {
		t.Errorf("%d of %d classes", len(train), len(all))
	}
	for _, c := range train {
		if !slices.Contains(all, c) {
			t.Errorf("class %d was not for training", c)
		}
	}
	if !slices.Equal(split.Validation, r.Split.Validation) || !slices.Equal(split.Test, r.Split.Test) {
		t.Error("the other parts have changed")
	}
	r.Config.Data.TrainClasses = 1000
	if _, err := r.Config.Parts(r.Set); err == nil {
		t.Error("more classes than there are: not refused")
	}
}

// Wrong labels are trained on, and never scored by.
func TestNoiseIsInTheTrainingLabelsAlone(t *testing.T) {
	r, _ := barsRun(t)
	plain := trace(t, r)
	labels := slices.Clone(r.Set.Labels)
	r, _ = barsRun(t)
	r.Config.Data.LabelNoise = 0.5
	training, err := Prepare(r)
	if err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for i := range labels {
		if training.trained.Labels[i] != labels[i] {
			wrong++
			if !slices.Contains(r.Split.Train, i) {
				t.Errorf("image %d is not for training", i)
			}
		}
	}
	if training.WrongLabels() != wrong {
		t.Errorf("%d wrong labels are reported, there are %d", training.WrongLabels(), wrong)
	}
	if n := len(r.Split.Train); wrong < n/3 || wrong > n*2/3 {
		t.Errorf("%d of %d labels are wrong, want about half", wrong, n)
	}
	if trace(t, r) == plain {
		t.Error("noise changes nothing")
	}
	if !slices.Equal(r.Set.Labels, labels) || &training.Set.Labels[0] != &r.Set.Labels[0] {
		t.Error("the labels that are scored by have changed")
	}
	r.Config.Data.LabelNoise = 2
	if _, err := Prepare(r); err == nil {
		t.Error("a share of 2: not refused")
	}
}

// Augmented batches train to other weights, the same for any number of workers.
func TestAugmentation(t *testing.T) {
	weights := func(kind string, workers int) []float32 {
		r, net := barsRun(t)
		r.Config.Data.Augment, r.Workers = kind, workers
		train(t, r)
		return net.weight
	}
	plain, one, eight := weights("", 0), weights(augment.Glyph, 1), weights(augment.Glyph, 8)
	if !slices.Equal(plain, weights(augment.None, 3)) {
		t.Error("the default for one channel is not none")
	}
	if slices.Equal(plain, one) || !slices.Equal(one, eight) {
		t.Error("augmentation changes nothing, or depends on the number of workers")
	}
	r, _ := barsRun(t)
	r.Config.Data.Augment = "mixup"
	if _, err := Prepare(r); err == nil {
		t.Error("an unknown kind: not refused")
	}
	r, _ = barsRun(t)
	if result := train(t, r); result.Waited <= 0 || result.Waited > result.Training {
		t.Errorf("waited %v of %v", result.Waited, result.Training)
	}
}

// Without a number a class, a batch is of any images: of all, if it is as large as
// the training part.
func TestBatchesOfAnyImages(t *testing.T) {
	r, _ := barsRun(t)
	r.Config.Batch.PerClass, r.Config.Memory.Size, r.Config.Steps = 0, "0", 2
	n := len(r.Split.Train)
	r.Config.Batch.Size = n
	each := len(bars().Labels) / bars().Classes()
	r.Metric = func(v event.Event) error {
		if s, ok := v.(event.Step); ok && (s.Batch.Positives != n*(each-1) || s.Batch.Negatives != n*(n-each)) {
			t.Errorf("%+v", s.Batch)
		}
		return nil
	}
	train(t, r)
}
