package trainer

import (
	"errors"
	"fmt"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/augment"
	"crossbatch/trainer/optim"
	"crossbatch/trainer/setting"
	"crossbatch/xbm/pair"
)

// Config is everything that the result of a run depends on: two runs with one Config give the
// same bytes, whatever the number of threads. A zero field means its default, unless [Default]
// sets it. [Config.Settings] lists every field with its key in a configuration file, help,
// unit and range.
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

	// Device computes the network and the loss against the memory: cpu, cuda or cuda:N, see
	// device.Config; "": cpu. Precision is that of its matrix products; "": tf32.
	Device, Precision string

	// SkipBadBatches leaves out batches whose loss, gradients or embeddings are NaN or
	// infinite. Without it they end the training. It costs a copy of the memory a step.
	SkipBadBatches bool
}

// DataConfig describes the data set, its split, and what training knows of it.
type DataConfig struct {
	Set          string    // as in sets.Load
	SplitSeed    uint64    // seed of the assignment of classes to training, validation and test
	ImageSize    data.Size // of photographs in pixels as the network sees them; zero: 64
	Resize       string    // how photographs of another shape are brought to that, one of data.Resizes; "": crop
	SkipBroken   bool      // leave out photographs that cannot be read
	Augment      string    // as in augment.Parse; "": auto
	TrainClasses int       // how many of the training classes are used, drawn by SplitSeed; 0: all
	LabelNoise   float64   // share of the training images whose label is wrong, drawn by SplitSeed
	Labels       string    // LabelsClasses or LabelsNone; "": LabelsClasses

	Folds      int    // of a cross-validation over classes; 0: none
	Fold       int    // which of them, from 1
	ClassOrder string // order of the classes before they are cut into folds: ShuffledClasses or SortedClasses; "": ShuffledClasses
}

// NetworkConfig describes the network, apart from the shape of an image.
type NetworkConfig struct {
	Kind      string  // of network, as in backbone.Kinds
	Width     int     // filters a block (conv4) or hidden units (mlp); 0: the network's default
	Dim       int     // dimensions of an embedding
	Weights   string  // safetensors file that the network starts from; its head may be another
	Freeze    string  // what is not trained: bn, trunk, or "" for nothing
	Dropout   float64 // dropout probability before the head
	MaxPool   bool    // resnets: global max pooling instead of average pooling
	LayerNorm bool    // layer normalisation of the embeddings
	Head      string  // linear, or mlp with a hidden layer; "": linear
	HeadWidth int     // hidden units of the mlp head; 0: as many as enter it
	Init      string  // how initial weights are drawn: InitHe or InitTorch; "": InitHe
	TokenPool string  // what the features of a vision transformer are: class, patches or both; "": class
}

// LossConfig describes the loss and the miner of its pairs.
type LossConfig struct {
	Spec   string  // name and parameters, as in loss.Parse
	Memory string  // the same for the term against the memory; "": Spec
	Miner  string  // as in miner.Mine
	LR     float64 // learning rate of the parameters of the loss; 0: that of the network
}

// KeysConfig says which network embeds the rows that the memory stores.
type KeysConfig struct {
	Encoder  string  // EncoderPlain or EncoderMomentum; "": EncoderPlain
	Momentum float64 // share of its weights that the momentum encoder keeps in a step
	Schedule string  // of the momentum: KeyConstant, or KeyCosine up to 1; "": KeyConstant
	Norm     string  // statistics that keys are normalised by: KeyNormBatch or KeyNormRunning; "": KeyNormBatch
}

// BatchConfig says how a batch is made.
type BatchConfig struct {
	Size     int  // images of a batch, before views
	PerClass int  // K, images of each class; 0: images are drawn without regard to classes
	Views    int  // augmented views of each image; 0: 1, without labels 2
	Chunk    int  // images in the forward and backward pass at a time, see backbone.Config; 0: all
	SyncBN   bool // on several ranks, see Comm: normalise by the statistics of the whole batch, not of the rank's part
}

// OptimizerConfig describes the optimizer and its learning rate.
type OptimizerConfig struct {
	Name        string  // as in optim.New
	LR          float64 // learning rate
	HeadLR      float64 // factor of the head's learning rate; 0: 1
	Schedule    string  // as in optim.Schedule
	Warmup      int64   // steps over which the learning rate rises
	WeightDecay float64 // factor of the weights that is added to their gradient; of adamw see optim.AdamW
	Momentum    float64 // of rmsprop and sgd
	Decay       string  // which parameters decay: DecayAll or DecayWeights; "": DecayAll
}

// The values of OptimizerConfig.Decay: which parameters decay.
const (
	DecayAll     = "all"
	DecayWeights = "weights" // not biases, and not the scales and shifts of normalisation
)

// WatchConfig says how often a training is scored and measured, and when this ends it.
type WatchConfig struct {
	ValidateEvery int64 // steps between scores of the validation classes
	InspectEvery  int64 // steps between measurements of the weights of the pairs; 0: none
	DriftEvery    int64 // steps between measurements of drift; 0: none
	// DirectionEvery is the steps between measurements of the direction of the gradient, each
	// of which embeds the training set; 0: none.
	DirectionEvery int64
	Patience       int // validations without an improvement after which training ends; 0: never
}

// The values of NetworkConfig.Init: how initial weights are drawn.
const (
	InitHe    = "he"    // normal, by the number of inputs of a layer (He et al. 2015, arXiv 1502.01852)
	InitTorch = "torch" // uniform numbers, as PyTorch's layers draw them by default
)

// Default returns the default configuration: letters and digits of the built-in glyphs, with
// test classes that training does not see, and a memory as large as the training set.
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

// Validate returns an error that names the first setting out of its range. It does not check
// Data.Set and Network.Kind, which the packages sets and backbone know, nor the names of
// values of [Own], which [Prepare] checks.
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

// ErrNoUseForMemory is wrapped by the error about a memory for a loss with class weights.
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
	if _, err := c.newMemory(1, own, nil); err != nil {
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

// lossText is the loss of a term.
func (c Config) lossText(term int) string {
	if term == memoryTerm && c.Loss.Memory != "" {
		return c.Loss.Memory
	}
	return c.Loss.Spec
}

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
