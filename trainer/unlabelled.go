package trainer

import (
	"fmt"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/augment"
	"crossbatch/xbm"
	"crossbatch/xbm/pair"
)

// The values of DataConfig.Labels: whether training knows the classes of the images.
const (
	LabelsClasses = "classes"
	// LabelsNone trains without labels: each image is a class of its own, and other
	// views of it are its positives. Those of the validation and the test classes are
	// used for scoring alone.
	LabelsNone = "none"
)

func (c Config) unlabelled() bool { return c.Data.Labels == LabelsNone }

// views is how many views of each image a batch has.
func (c Config) views() int {
	switch {
	case c.Batch.Views > 0:
		return c.Batch.Views
	case c.unlabelled():
		return 2
	}
	return 1
}

// WithoutLabels returns c with settings for training without labels: those of SimCLR, where
// the negatives are in the batch, or, with the momentum encoder, those of MoCo, where the
// negatives are in the memory.
func (c Config) WithoutLabels() Config {
	c.Data.Labels, c.Data.Augment = LabelsNone, augment.Views
	c.Loss.Spec, c.Loss.Miner, c.Memory.Combine, c.Memory.Start = "nt-xent:temperature=0.07", "none", PML, 0
	c.Batch.Size, c.Memory.Size, c.Steps = 256, "0", 1000
	if c.hasKeys() {
		c.Batch.Size, c.Memory.Size, c.Steps = 64, "2048", 4000 // as many images
	}
	return c
}

// validateLabels looks at what goes without labels.
func (c Config) validateLabels(own Own) error {
	if !c.unlabelled() {
		return nil
	}
	refuse := func(format string, a ...any) error {
		return fmt.Errorf("trainer: labels is "+LabelsNone+" and "+format, a...)
	}
	loss, err := own.loss(c, batchTerm)
	if err != nil {
		return err
	}
	rows, err := c.MemoryRows(1)
	if err != nil {
		return err
	}
	policy, err := own.policy(c)
	if err != nil {
		return fmt.Errorf("trainer: policy: %w", err)
	}
	_, isClassLoss := loss.(pair.ClassLoss)
	_, isReservoir := policy.(xbm.Reservoir)
	switch {
	case isClassLoss:
		return refuse("loss %q, which has weights for classes: give a loss of pairs, such as nt-xent", c.Loss.Spec)
	case c.views() < 2:
		return refuse("views %d: an image's other views are its positives: give 2", c.Batch.Views)
	case c.Data.LabelNoise > 0:
		return refuse("label-noise %g: there are no labels to be wrong: give label-noise 0", c.Data.LabelNoise)
	case rows > 0 && c.Memory.enqueue() == EnqueueLast:
		return refuse("combine %s, enqueue %s: against past batches alone no pair is positive: give combine %s, or memory 0", c.Memory.Combine, EnqueueLast, PML)
	case rows > 0 && isReservoir:
		return refuse("policy %s, which keeps only some of a batch: an anchor's positives must be in the memory: give policy ring or keyed", c.Memory.Policy)
	case c.hasKeys() && c.views() != 2:
		return refuse("views %d: encoder %s takes one for the anchors and one for their keys: give 2", c.Batch.Views, EncoderMomentum)
	case c.hasKeys() && c.Memory.Start != 0:
		return refuse("start %s: with encoder %s no pair is positive before the memory is in use: give start 0", c.Memory.Start, EncoderMomentum)
	}
	return nil
}

// holdsViews returns an error if a memory of so many rows does not hold the positives
// of a batch without labels.
func (c Config) holdsViews(rows int) error {
	least := c.Batch.Size * c.views()
	if c.hasKeys() {
		least = c.Batch.Size
	}
	if c.unlabelled() && rows < least {
		return fmt.Errorf("trainer: labels is %s and memory %q, %d rows: a batch stores %d, the positives among them: give a memory of %d or more, or none", LabelsNone, c.Memory.Size, rows, least, least)
	}
	return nil
}

// withoutLabels is the set with each image a class of its own.
func withoutLabels(s *data.Set) *data.Set {
	alone := *s
	alone.Labels = make([]int32, s.Len())
	for i := range alone.Labels {
		alone.Labels[i] = int32(i)
	}
	return &alone
}
