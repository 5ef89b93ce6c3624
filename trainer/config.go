package trainer

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/augment"
	"crossbatch/trainer/optim"
	"crossbatch/trainer/setting"
	"crossbatch/xbm"
	"crossbatch/xbm/pair"
)

// Config is everything that a run depends on: two runs with one Config give the
// same bytes, whatever the number of threads. A zero field means its default, unless
// [Default] gives it a value. Its settings, with their keys in a configuration file,
// help, units and ranges, are in [Config.Settings]; every field has a row there.
type Config struct {
	Data      DataConfig
	Network   NetworkConfig
	Loss      LossConfig
	Memory    MemoryConfig
	Keys      KeysConfig
	Batch     BatchConfig
	Optimizer OptimizerConfig
	Watch     WatchConfig

	Steps int64  // of the whole training
	Seed  uint64 // of the initial weights and the batches

	// Device is what the loss against the memory is taken on: cpu, cuda or cuda:N, see
	// device.Config; "": cpu. Precision is that of its products; "": tf32.
	Device, Precision string

	// SkipBadBatches leaves out batches whose loss, gradients or embeddings are not
	// finite, which else end the training. It costs a copy of the memory a step.
	SkipBadBatches bool
}

// DataConfig says which images are trained on, and what training knows of them.
type DataConfig struct {
	Set          string    // as in sets.Load
	SplitSeed    uint64    // of which classes are for training, validation and test
	ImageSize    data.Size // of photographs in pixels as the network sees them; zero: 64
	Resize       string    // how photographs of another shape are brought to that, one of data.Resizes; "": crop
	SkipBroken   bool      // leave out photographs that cannot be read
	Augment      string    // as in augment.Parse; "": auto
	TrainClasses int       // how many of the training classes are used, drawn by SplitSeed; 0: all
	LabelNoise   float64   // share of the training images whose label is wrong, drawn by SplitSeed
	Labels       string    // LabelsClasses or LabelsNone; "": LabelsClasses

	Folds      int    // of a cross-validation over classes; 0: none
	Fold       int    // which of them, from 1
	ClassOrder string // that folds are cut from: ShuffledClasses or SortedClasses
}

// NetworkConfig describes the network, apart from the shape of an image.
type NetworkConfig struct {
	Kind      string  // of network, as in backbone.Kinds
	Width     int     // filters a block (conv4) or hidden units (mlp); 0: the network's default
	Dim       int     // numbers in an embedding
	Weights   string  // safetensors file that the network starts from; its head may be another
	Freeze    string  // what of the network stays as it is: bn, trunk, or nothing
	Dropout   float64 // share of what enters the head that is dropped in training
	MaxPool   bool    // resnets: the largest of each channel in place of the mean
	LayerNorm bool    // normalise embeddings by layer
	Head      string  // linear, or mlp with a hidden layer; "": linear
	HeadWidth int     // hidden units of the mlp head; 0: as many as enter it
	Init      string  // how initial weights are drawn: InitHe or InitTorch; "": InitHe
	TokenPool string  // what the features of a vision transformer are: class, patches or both; "": class
}

// LossConfig says which loss is trained on, over which pairs.
type LossConfig struct {
	Spec   string  // name and parameters, as in loss.Parse
	Memory string  // the same of the term against the memory; "": Spec
	Miner  string  // as in miner.Mine
	LR     float64 // learning rate of what the loss itself learns; 0: that of the network
}

// MemoryConfig describes the memory of embeddings of past batches.
type MemoryConfig struct {
	Size       string  // rows, or a share of the training images; see Config.MemoryRows
	Combine    string  // Both, Paper or PML: how batch and memory go together
	Enqueue    string  // EnqueueFirst or EnqueueLast: when the batch joins the memory; "": as Combine says
	Weight     float64 // factor of the memory term's gradient, above 0
	Positive   string  // factor of it through the positive pairs alone, a number from 0 on; "": 1
	Negative   string  // the same through the negative pairs
	Start      Start   // first step, from 0, at which the memory is used, or StartAuto
	StartDrift float64 // drift under which StartAuto starts the memory; 0: DefaultStartDrift
	Prefill    bool    // fill the memory at its start from the network as it is then
	Ramp       int64   // steps from Start on over which the weight rises evenly; 0: at once
	Policy     string  // which rows the memory keeps, as in xbm.ParsePolicy; "": ring
	MaxAge     int64   // steps after which a row is dropped; 0: none
	AgeTau     float64 // steps after which a row weighs 1/e; 0: all weigh alike
	Cure       string  // of drift, as in xbm.ParseCure; "": none
	Half       bool    // keep the rows in 16 bits a number
	KeepCopies bool    // keep the pairs of an image with older embeddings of itself
}

// KeysConfig says what makes the rows that the memory stores.
type KeysConfig struct {
	Encoder  string  // EncoderPlain or EncoderMomentum; "": EncoderPlain
	Momentum float64 // share of its weights that the momentum encoder keeps in a step
	Schedule string  // of the momentum: KeyConstant, or KeyCosine up to 1; "": KeyConstant
	Norm     string  // statistics that keys are normalised by: KeyNormBatch or KeyNormRunning; "": KeyNormBatch
}

// BatchConfig says what a batch is made of.
type BatchConfig struct {
	Size     int  // images a step
	PerClass int  // images of each class; 0: any images
	Views    int  // augmented views of each image; 0: 1, without labels 2
	Chunk    int  // images that are in work at a time, see backbone.Config; 0: all
	SyncBN   bool // on several ranks, see Comm: batch normalisation by the whole batch's statistics, not each rank's
}

// OptimizerConfig says how the weights move.
type OptimizerConfig struct {
	Name        string  // as in optim.New
	LR          float64 // learning rate
	HeadLR      float64 // factor of the head's learning rate; 0: 1
	Schedule    string  // as in optim.Schedule
	Warmup      int64   // steps over which the learning rate rises
	WeightDecay float64 // factor of the weights that is added to their gradient
	Momentum    float64 // of rmsprop and sgd
	Decay       string  // what decays: DecayAll or DecayWeights; "": DecayAll
}

// What weight decay is for.
const (
	DecayAll     = "all"
	DecayWeights = "weights" // not biases, and not the scales and shifts of normalisation
)

// WatchConfig says how often a training is looked at, and when that ends it.
type WatchConfig struct {
	ValidateEvery int64 // steps between scores of the validation classes
	InspectEvery  int64 // steps between looks at the weights of the pairs; 0: none
	DriftEvery    int64 // steps between looks at drift; 0: none
	// DirectionEvery is the steps between looks at where the gradient points, each of
	// which embeds the training set; 0: none.
	DirectionEvery int64
	Patience       int // validations without a better one after which training ends; 0: never
}

// How initial weights are drawn.
const (
	InitHe    = "he"    // normal numbers, by the inputs of a layer (He et al. 2015)
	InitTorch = "torch" // uniform numbers, as PyTorch's layers draw them by default
)

// How the loss within the batch and the one against the memory go together.
const (
	// Both adds up the loss within the batch, whose gradient goes through both
	// sides of each pair, and the memory's, times its weight, which holds the
	// batches before this one. Both are reduced as the loss usually is.
	Both = "both"
	// Paper is Both as the paper on cross-batch memory has it (arXiv 1912.06798,
	// equations 3 and 4, algorithm 1): the batch joins the memory first, so that its
	// pairs are in both terms, and each term is a sum over an anchor's pairs, averaged
	// over the anchors, loss.OverAnchors, unless the loss is given a reduction.
	Paper = "paper"
	// PML has one term: the batch, just stored, is part of the memory, where it
	// does not move. Until the memory starts, it is the loss within the batch.
	PML = "pml"
)

// When the batch joins the memory: before the loss against the memory is taken, or
// after it. An anchor never pairs with its own row.
const (
	EnqueueFirst = "first" // usual with Paper and PML
	EnqueueLast  = "last"  // usual with Both
)

// halves are the factors of the two kinds of pairs; nil where both are 1.
func (m MemoryConfig) halves() (*pair.Halves, error) {
	h := pair.Halves{Positive: 1, Negative: 1}
	for _, f := range []struct {
		key, text string
		at        *float64
	}{{"memory-positive-weight", m.Positive, &h.Positive}, {"memory-negative-weight", m.Negative, &h.Negative}} {
		if f.text == "" {
			continue
		}
		x, err := strconv.ParseFloat(f.text, 32)
		if err != nil || !(x >= 0) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("trainer: %s is %q: give a number of 0 or more", f.key, f.text)
		}
		*f.at = x
	}
	if h == (pair.Halves{Positive: 1, Negative: 1}) {
		return nil, nil
	}
	return &h, nil
}

// enqueue is when the batch joins the memory.
func (m MemoryConfig) enqueue() string {
	switch {
	case m.Enqueue != "":
		return m.Enqueue
	case m.Combine == Both:
		return EnqueueLast
	}
	return EnqueueFirst
}

// Default returns the configuration of a run of which nothing is set: letters and
// digits in typefaces that the network has not seen, and a memory as large as the
// training set.
func Default() Config {
	return Config{
		Data:      DataConfig{Set: "glyphs", SplitSeed: 1},
		Network:   NetworkConfig{Kind: "conv4", Width: 32, Dim: 128},
		Loss:      LossConfig{Spec: "contrastive", Miner: "none"},
		Memory:    MemoryConfig{Size: "100%", Combine: Both, Weight: 1, Start: 500},
		Batch:     BatchConfig{Size: 32, PerClass: 4},
		Steps:     4000,
		Optimizer: OptimizerConfig{Name: "adam", LR: 3e-3, Schedule: "cosine"},
		Watch:     WatchConfig{ValidateEvery: 250, InspectEvery: 100},
		Seed:      1,
		Keys:      KeysConfig{Momentum: DefaultKeyMomentum},
	}
}

// Validate returns an error that names the first setting out of its range. It does
// not look at Data.Set and Network.Kind, which others know, nor at what is named as a
// value of [Own], which [Prepare] has.
func (c Config) Validate() error { return c.validate(Own{}) }

// validate is Validate with the values that c names.
func (c Config) validate(own Own) error {
	// What the optimizer says of its own settings comes first: it is in words.
	if _, err := optim.New(c.optimizer()); err != nil {
		return err
	}
	if err := c.schedule().Validate(); err != nil {
		return err
	}
	if err := setting.Validate(c.Settings()); err != nil {
		return fmt.Errorf("trainer: %w", err)
	}
	if _, err := augment.Parse(c.Data.Augment); err != nil {
		return fmt.Errorf("trainer: augment: %w", err)
	}
	if c.Memory.Start < 0 && c.Memory.Start != StartAuto {
		return fmt.Errorf("trainer: start is %d: give 0 or more, or %s", c.Memory.Start, autoText)
	}
	if c.byClass() && c.Batch.Size%c.Batch.PerClass != 0 {
		return fmt.Errorf("trainer: batch is %d and per-class %d: give a batch that is a multiple of per-class", c.Batch.Size, c.Batch.PerClass)
	}
	if err := c.validateLoss(own); err != nil {
		return err
	}
	if err := c.validateFold(); err != nil {
		return err
	}
	if err := c.validateLabels(own); err != nil {
		return err
	}
	return c.validateKeys()
}

// ErrNoUseForMemory is what the error about a memory for a loss with class weights
// wraps.
var ErrNoUseForMemory = errors.New("no use for a memory")

// validateLoss looks at the loss, and whether it goes with the memory.
func (c Config) validateLoss(own Own) error {
	rows, err := c.MemoryRows(1)
	if err != nil {
		return err
	}
	if err := c.validateTerm(); err != nil {
		return err
	}
	if _, err := c.newMemory(1, own); err != nil {
		return fmt.Errorf("trainer: policy, max-age and cure: %w", err)
	}
	loss, err := own.loss(c, batchTerm)
	if err != nil || loss == nil || rows == 0 {
		return err
	}
	if _, ok := loss.(pair.ClassLoss); ok {
		return fmt.Errorf("trainer: loss is %q, which has weights for the classes and %w: give memory 0", c.Loss.Spec, ErrNoUseForMemory)
	}
	if loss, err = own.loss(c, memoryTerm); err != nil || loss == nil {
		return err
	}
	if _, ok := loss.(pair.ClassLoss); ok {
		return fmt.Errorf("trainer: memory-loss is %q, which has weights for the classes and %w: give a loss of pairs", c.Loss.Memory, ErrNoUseForMemory)
	}
	if err := pair.TraitsOf(loss).BatchOnly; err != nil {
		return fmt.Errorf("trainer: loss is %q: %w, or give memory 0", c.lossText(memoryTerm), err)
	}
	return nil
}

// validateTerm looks at the settings of the term against the memory.
func (c Config) validateTerm() error {
	m := c.Memory
	h, err := m.halves()
	switch {
	case err != nil:
		return err
	case m.Combine == PML && m.Enqueue == EnqueueLast:
		return fmt.Errorf("trainer: combine is %s, where the batch is part of the memory, and enqueue %s: give enqueue %s, or combine %s", PML, EnqueueLast, EnqueueFirst, Both)
	case h != nil && *h == (pair.Halves{}):
		return errors.New("trainer: memory-positive-weight and memory-negative-weight are both 0: give memory 0 for no memory")
	case isOwn(c.Loss.Memory):
		return fmt.Errorf("trainer: memory-loss is %q: a loss of the program's own is for both terms: give it as loss, and leave memory-loss out", c.Loss.Memory)
	}
	return nil
}

// lossText is the loss of a term.
func (c Config) lossText(term int) string {
	if term == memoryTerm && c.Loss.Memory != "" {
		return c.Loss.Memory
	}
	return c.Loss.Spec
}

// MemoryRows returns the capacity of the memory for a number of training images.
// Memory.Size is a number of rows ("2048"), or a share of the training images as a
// percentage ("50%") or as a ratio with a decimal point ("0.5"), at least one
// row; "0" is no memory.
func (c Config) MemoryRows(images int) (int, error) {
	refuse := func() (int, error) {
		return 0, fmt.Errorf(`trainer: memory is %q: give a number of rows (0 for none, 2048), or a share of the training images (0.5, 100%%)`, c.Memory.Size)
	}
	text, percent := strings.CutSuffix(c.Memory.Size, "%")
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
func (c Config) newMemory(rows int, own Own) (*xbm.Memory, error) {
	policy, err := own.policy(c)
	if err != nil {
		return nil, err
	}
	cure, err := xbm.ParseCure(c.Memory.Cure)
	if err != nil {
		return nil, err
	}
	return xbm.MemoryConfig{Capacity: rows, Dim: c.Network.Dim, Half: c.Memory.Half, Policy: policy, MaxAge: c.Memory.MaxAge, Norm: cure.Norm}.New()
}

// maxShare bounds the memory: past the data set's size it only holds older
// copies of the same images.
const maxShare = 100

func (c Config) optimizer() optim.Config {
	return optim.Config{Name: c.Optimizer.Name, WeightDecay: c.Optimizer.WeightDecay, Momentum: c.Optimizer.Momentum}
}

func (c Config) schedule() optim.Schedule {
	return optim.Schedule{Name: c.Optimizer.Schedule, Rate: c.Optimizer.LR, Steps: c.Steps, Warmup: c.Optimizer.Warmup}
}

// lossSchedule is that of what the loss learns.
func (c Config) lossSchedule() optim.Schedule {
	s := c.schedule()
	if c.Loss.LR > 0 {
		s.Rate = c.Loss.LR
	}
	return s
}
