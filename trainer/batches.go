package trainer

import (
	"context"
	"fmt"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/augment"
)

// Parts returns the split of a set that c describes: by SplitSeed, or the official split of
// the set, or a fold. With TrainClasses it keeps that many of the training classes.
func (c Config) Parts(set *data.Set) (data.Split, error) {
	split, err := c.split(set)
	if err != nil || c.Data.TrainClasses == 0 {
		return split, err
	}
	return split.Limit(set, c.Data.TrainClasses, c.Data.SplitSeed)
}

// byClass says whether batches are of some classes, with PerClass images of each, or of
// any images.
func (c Config) byClass() bool { return !c.unlabelled() && c.Batch.PerClass > 0 }

// newLoader makes the loader of the run's batches, and the set with the labels that they are
// made by: wrong ones among them where LabelNoise says so. Those of other parts are right.
func (c Config) newLoader(r Run) (*data.Loader, *data.Set, error) {
	set := r.Set
	var sampler data.Sampler
	var err error
	if c.Data.LabelNoise > 0 {
		if set, err = r.Set.Noisy(r.Split.Train, c.Data.LabelNoise, c.Data.SplitSeed); err != nil {
			return nil, nil, err
		}
	}
	if c.unlabelled() {
		set = withoutLabels(set)
	}
	if c.byClass() {
		sampler, err = data.NewPK(set.Labels, r.Split.Train, c.Batch.Size/c.Batch.PerClass, c.Batch.PerClass, c.Seed)
	} else {
		sampler, err = data.NewShuffle(r.Split.Train, c.Batch.Size, c.Seed)
	}
	if err != nil {
		return nil, nil, err
	}
	loader, err := data.NewLoader(set, sampler, data.LoaderConfig{Augment: c.Data.Augment, Views: c.views(), Seed: c.Seed, Workers: r.Workers, Part: r.rank(), Parts: r.ranks()})
	if err == nil && c.unlabelled() && loader.Augment() == augment.None && c.Network.Dropout == 0 {
		err = fmt.Errorf("trainer: labels is %s and augment %s: the views of an image would be one and the same: give augment %s", LabelsNone, augment.None, augment.Views)
	}
	return loader, set, err
}

// Augment returns the kind of augmentation in use.
func (t *Training) Augment() string { return t.loader.Augment() }

// WrongLabels returns the number of training images with a wrong label, see
// DataConfig.LabelNoise.
func (t *Training) WrongLabels() int {
	wrong := 0
	for _, i := range t.Split.Train {
		if t.trained.Labels[i] != t.Set.Labels[i] {
			wrong++
		}
	}
	return wrong
}

// Labels returns the labels that training uses, one for each image of the set. With LabelNoise
// some are wrong. Without labels each image has its own. The slice is the training's own: do
// not write to it.
func (t *Training) Labels() []int32 { return t.trained.Labels }

// BatchSize returns the number of images of a step, each view counted.
func (t *Training) BatchSize() int { return len(t.ids) }

// Batches calls visit with the batches of the first steps, in their order, as training would
// see them, and does not train. The training is then used up. If visit fails or ctx ends,
// Batches returns that error. The slices of a batch are valid during the visit.
func (t *Training) Batches(ctx context.Context, steps int64, visit func(data.Batch) error) error {
	defer t.loader.Close()
	for range steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := t.loader.Next()
		if err != nil {
			return err
		}
		if err := visit(b); err != nil {
			return err
		}
	}
	return nil
}
