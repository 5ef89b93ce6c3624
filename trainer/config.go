package trainer

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"crossbatch/trainer/optim"
	"crossbatch/xbm"
	"crossbatch/xbm/pair"
)

// Config is everything that a run depends on: two runs with one Config give the
// same bytes, whatever the number of threads. The keys of a configuration file
// are the names of the command's flags.
type Config struct {
	Data      string `yaml:"data"`       // data set, as in data.Load
	SplitSeed uint64 `yaml:"split-seed"` // which classes are for training, validation and test

	ImageSize    int     `yaml:"image-size,omitempty"`    // side of photographs as the network sees them; 0: 64
	SkipBroken   bool    `yaml:"skip-broken,omitempty"`   // leave out photographs that cannot be read
	Augment      string  `yaml:"augment,omitempty"`       // one of data.Augmentations; "": auto
	TrainClasses int     `yaml:"train-classes,omitempty"` // how many of the training classes are used, drawn by SplitSeed; 0: all
	LabelNoise   float64 `yaml:"label-noise,omitempty"`   // share of the training images whose label is wrong, drawn by SplitSeed

	Backbone string `yaml:"backbone"` // kind of network
	Width    int    `yaml:"width"`    // filters a block (conv4) or hidden units (mlp); 0: the network's default
	Dim      int    `yaml:"dim"`      // numbers in an embedding

	Weights   string  `yaml:"weights,omitempty"`    // safetensors file that the network starts from; its head may be another
	HeadLR    float64 `yaml:"head-lr,omitempty"`    // factor of the head's learning rate; 0: 1
	Dropout   float64 `yaml:"dropout,omitempty"`    // share of what enters the head that is dropped in training
	Freeze    string  `yaml:"freeze,omitempty"`     // what of the network stays as it is: bn, trunk, or nothing
	MaxPool   bool    `yaml:"max-pool,omitempty"`   // resnets: the largest of each channel in place of the mean
	LayerNorm bool    `yaml:"layer-norm,omitempty"` // normalise embeddings by layer

	Head      string `yaml:"head,omitempty"`       // linear, or mlp with a hidden layer; "": linear
	HeadWidth int    `yaml:"head-width,omitempty"` // hidden units of the mlp head; 0: as many as enter it

	Labels      string  `yaml:"labels,omitempty"`                // LabelsClasses or LabelsNone; "": LabelsClasses
	Views       int     `yaml:"views,omitempty"`                 // augmented views of each image in a batch; 0: 1, without labels 2
	Encoder     string  `yaml:"encoder,omitempty"`               // what makes the memory's rows: EncoderPlain or EncoderMomentum; "": EncoderPlain
	KeyMomentum float64 `yaml:"key-momentum"`                    // share of its weights that the momentum encoder keeps in a step
	KeySchedule string  `yaml:"key-momentum-schedule,omitempty"` // KeyConstant, or KeyCosine up to 1; "": KeyConstant
	KeyNorm     string  `yaml:"key-norm,omitempty"`              // statistics that keys are normalised by: KeyNormBatch or KeyNormRunning; "": KeyNormBatch
	Chunk       int     `yaml:"chunk,omitempty"`                 // images of a batch that are in work at a time, see backbone; 0: all

	Loss         string  `yaml:"loss"`          // as in loss.Parse
	Miner        string  `yaml:"miner"`         // as in xbm.ParseLoss
	LossLR       float64 `yaml:"loss-lr"`       // learning rate of what the loss itself learns; 0: LR
	Memory       string  `yaml:"memory"`        // rows, or a share of the training images; see MemoryRows
	Combine      string  `yaml:"combine"`       // Paper or PML: how batch and memory go together
	MemoryWeight float64 `yaml:"memory-weight"` // factor of the memory term's gradient, above 0
	Start        Start   `yaml:"start"`         // first step, from 0, at which the memory is used, or StartAuto
	Ramp         int64   `yaml:"ramp"`          // steps from Start on over which the weight rises evenly; 0: at once
	HalfMemory   bool    `yaml:"half-memory"`   // keep the memory's rows in 16 bits a number
	KeepCopies   bool    `yaml:"keep-copies"`   // keep the pairs of an image with older embeddings of itself

	Batch    int `yaml:"batch"`     // images a step
	PerClass int `yaml:"per-class"` // images of each class in a batch; 0: any images

	Steps       int64   `yaml:"steps"`        // steps of the whole training
	Optimizer   string  `yaml:"optimizer"`    // as in optim.New
	LR          float64 `yaml:"lr"`           // learning rate
	Schedule    string  `yaml:"schedule"`     // as in optim.Schedule
	Warmup      int64   `yaml:"warmup"`       // steps over which the learning rate rises
	WeightDecay float64 `yaml:"weight-decay"` // factor of the weights that is added to their gradient
	Momentum    float64 `yaml:"momentum"`     // of sgd

	ValidateEvery int64  `yaml:"validate-every"` // steps between scores of the validation classes
	InspectEvery  int64  `yaml:"inspect-every"`  // steps between looks at the weights of the pairs; 0: none
	Seed          uint64 `yaml:"seed"`           // of the initial weights and the batches

	Policy string `yaml:"policy,omitempty"`  // which rows the memory keeps, as in xbm.ParsePolicy; "": ring
	MaxAge int64  `yaml:"max-age,omitempty"` // steps after which a row of the memory is dropped; 0: none
	// AgeTau is the number of steps after which a row of the memory weighs 1/e; 0: all
	// weigh alike.
	AgeTau float64 `yaml:"age-tau,omitempty"`
	Cure   string  `yaml:"cure,omitempty"` // of drift, as in xbm.ParseCure; "": none

	StartDrift float64 `yaml:"start-drift,omitempty"` // drift under which StartAuto starts the memory; 0: DefaultStartDrift
	Prefill    bool    `yaml:"prefill,omitempty"`     // fill the memory at its start from the network as it is then

	DriftEvery int64 `yaml:"drift-every,omitempty"` // steps between looks at drift; 0: none

	// SkipBadBatches leaves out batches whose loss, gradients or embeddings are not
	// finite, which else end the training. It costs a copy of the memory a step.
	SkipBadBatches bool `yaml:"skip-bad-batches,omitempty"`

	Patience   int    `yaml:"patience,omitempty"`    // validations without a better one after which training ends; 0: never
	Folds      int    `yaml:"folds,omitempty"`       // of a cross-validation over classes; 0: none
	Fold       int    `yaml:"fold,omitempty"`        // which of them, from 1
	ClassOrder string `yaml:"class-order,omitempty"` // that folds are cut from: ShuffledClasses or SortedClasses
}

// How the loss within the batch and the one against the memory go together.
const (
	// Paper adds up the loss within the batch, whose gradient goes through both
	// sides of each pair, and the memory's, times its weight, which holds the
	// batches before this one.
	Paper = "paper"
	// PML has one term: the batch, just stored, is part of the memory, where it
	// does not move. Until the memory starts, it is the loss within the batch.
	PML = "pml"
)

// Default is the configuration of the main job: letters and digits in typefaces
// that the network has not seen, with a memory as large as the training set.
func Default() Config {
	return Config{
		Data: "glyphs", SplitSeed: 1,
		Backbone: "conv4", Width: 32, Dim: 128,
		Loss: "contrastive", Miner: "none",
		Memory: "100%", Combine: Paper, MemoryWeight: 1, Start: 500,
		Batch: 32, PerClass: 4,
		Steps: 4000, Optimizer: "adam", LR: 3e-3, Schedule: "cosine",
		ValidateEvery: 250, InspectEvery: 100, Seed: 1,
		KeyMomentum: DefaultKeyMomentum,
	}
}

// Validate returns an error that names the first field out of its range. It
// does not look at Data and Backbone, which others know.
func (c Config) Validate() error {
	for _, f := range []struct {
		name  string
		value float64
		least float64
	}{
		{"width", float64(c.Width), 0}, {"dim", float64(c.Dim), 1},
		{"start-drift", c.StartDrift, 0}, {"max-age", float64(c.MaxAge), 0}, {"age-tau", c.AgeTau, 0}, {"ramp", float64(c.Ramp), 0}, {"loss-lr", c.LossLR, 0},
		{"image-size", float64(c.ImageSize), 0}, {"train-classes", float64(c.TrainClasses), 0}, {"label-noise", c.LabelNoise, 0},
		{"head-lr", c.HeadLR, 0}, {"dropout", c.Dropout, 0},
		{"head-width", float64(c.HeadWidth), 0}, {"views", float64(c.Views), 0}, {"chunk", float64(c.Chunk), 0},
		{"inspect-every", float64(c.InspectEvery), 0}, {"batch", float64(c.Batch), 2},
		{"drift-every", float64(c.DriftEvery), 0}, {"patience", float64(c.Patience), 0},
		{"per-class", float64(c.PerClass), 0}, {"steps", float64(c.Steps), 1},
		{"validate-every", float64(c.ValidateEvery), 1},
	} {
		if !(f.value >= f.least) || math.IsInf(f.value, 0) {
			return fmt.Errorf("trainer: %s is %g: give %g or more", f.name, f.value, f.least)
		}
	}
	if c.Start < 0 && c.Start != StartAuto {
		return fmt.Errorf("trainer: start is %d: give 0 or more, or %s", c.Start, autoText)
	}
	if c.byClass() && c.Batch%c.PerClass != 0 {
		return fmt.Errorf("trainer: batch is %d and per-class %d: give a batch that is a multiple of per-class", c.Batch, c.PerClass)
	}
	if !(c.MemoryWeight > 0) || math.IsInf(c.MemoryWeight, 0) {
		return fmt.Errorf("trainer: memory-weight is %g: give a value above 0 (for no memory: memory 0)", c.MemoryWeight)
	}
	if c.LabelNoise > 1 {
		return fmt.Errorf("trainer: label-noise is %g: give a share from 0 to 1", c.LabelNoise)
	}
	if c.Combine != Paper && c.Combine != PML {
		return fmt.Errorf("trainer: combine is %q: give one of %s, %s", c.Combine, Paper, PML)
	}
	if err := c.validateLoss(); err != nil {
		return err
	}
	if err := c.validateFold(); err != nil {
		return err
	}
	if err := c.validateLabels(); err != nil {
		return err
	}
	if err := c.validateKeys(); err != nil {
		return err
	}
	if _, err := optim.New(c.optimizer()); err != nil {
		return err
	}
	return c.schedule().Validate()
}

// ErrNoUseForMemory is what the error about a memory for a loss with class weights
// wraps.
var ErrNoUseForMemory = errors.New("no use for a memory")

// validateLoss looks at the loss, and whether it goes with the memory.
func (c Config) validateLoss() error {
	rows, err := c.MemoryRows(1)
	if err != nil {
		return err
	}
	if _, err := c.newMemory(1); err != nil {
		return fmt.Errorf("trainer: policy, max-age and cure: %w", err)
	}
	loss, err := c.loss(batchTerm)
	if err != nil || rows == 0 {
		return err
	}
	if _, ok := loss.(pair.ClassLoss); ok {
		return fmt.Errorf("trainer: loss is %q, which has weights for the classes and %w: give memory 0", c.Loss, ErrNoUseForMemory)
	}
	if err := pair.TraitsOf(loss).BatchOnly; err != nil {
		return fmt.Errorf("trainer: loss is %q: %w, or give memory 0", c.Loss, err)
	}
	return nil
}

// MemoryRows is the capacity of the memory for a number of training images.
// Memory is a number of rows ("2048"), or a share of the training images as a
// percentage ("50%") or as a ratio with a decimal point ("0.5"), at least one
// row; "0" is no memory.
func (c Config) MemoryRows(images int) (int, error) {
	refuse := func() (int, error) {
		return 0, fmt.Errorf(`trainer: memory is %q: give a number of rows (0 for none, 2048), or a share of the training images (0.5, 100%%)`, c.Memory)
	}
	text, percent := strings.CutSuffix(c.Memory, "%")
	if rows, err := strconv.Atoi(text); err == nil && !percent {
		if rows < 0 {
			return refuse()
		}
		return rows, nil
	}
	share, err := strconv.ParseFloat(text, 64)
	if percent {
		share /= 100
	}
	if err != nil || !(share >= 0) || share > maxShare {
		return refuse()
	}
	if share == 0 {
		return 0, nil
	}
	return max(1, int(math.Round(share*float64(images)))), nil
}

// newMemory is an empty memory of so many rows.
func (c Config) newMemory(rows int) (*xbm.Memory, error) {
	policy, err := xbm.ParsePolicy(c.Policy, c.Seed)
	if err != nil {
		return nil, err
	}
	cure, err := xbm.ParseCure(c.Cure)
	if err != nil {
		return nil, err
	}
	return xbm.MemoryConfig{Capacity: rows, Dim: c.Dim, Half: c.HalfMemory, Policy: policy, MaxAge: c.MaxAge, Norm: cure.Norm}.New()
}

// maxShare bounds the memory: past the data set's size it only holds older
// copies of the same images.
const maxShare = 100

func (c Config) optimizer() optim.Config {
	return optim.Config{Name: c.Optimizer, WeightDecay: c.WeightDecay, Momentum: c.Momentum}
}

func (c Config) schedule() optim.Schedule {
	return optim.Schedule{Name: c.Schedule, Rate: c.LR, Steps: c.Steps, Warmup: c.Warmup}
}

// lossSchedule is that of what the loss learns.
func (c Config) lossSchedule() optim.Schedule {
	s := c.schedule()
	if c.LossLR > 0 {
		s.Rate = c.LossLR
	}
	return s
}
