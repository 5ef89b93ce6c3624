package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v3"

	"crossbatch/backbone"
	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
	"crossbatch/trainer/optim"
	"crossbatch/xbm"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

// settings is all that a configuration file can hold: the run's configuration,
// and what makes no difference to its numbers.
type settings struct {
	trainer.Config `yaml:",inline"`

	Threads int `yaml:"threads,omitempty"`

	dataSettings `yaml:",inline"`
	keepSettings `yaml:",inline"`
}

// defaults are the settings that nobody set.
func defaults() settings { return settings{Config: trainer.Default(), keepSettings: defaultKeep()} }

// option is one flag, with what it sets.
type option struct {
	flag  cli.Flag
	apply func(*cli.Context, *settings)
}

// options are the flags of a run. Their names are the keys of a configuration
// file.
func options() []option { return optionsFrom(trainer.Default()) }

// optionsFrom are the options with other defaults.
func optionsFrom(d trainer.Config) []option {
	return slices.Concat(dataOptions(d), keyOptions(d), []option{
		text("Network", "backbone", d.Backbone, "network: "+strings.Join(backbone.Kinds(), ", "), func(s *settings) *string { return &s.Backbone }),
		whole("Network", "width", d.Width, "filters a block (conv4), channels of the stem (resnet18, resnet50), hidden units (mlp); 0: the network's default", func(s *settings) *int { return &s.Width }),
		whole("Network", "dim", d.Dim, "numbers in an embedding", func(s *settings) *int { return &s.Dim }),
		text("Network", "weights", d.Weights, "safetensors `FILE` of the same network to start from, as torchvision names its tensors; the head may be missing or another", func(s *settings) *string { return &s.Weights }),
		text("Network", "freeze", d.Freeze, "`PART` that stays as it is: "+backbone.FreezeBatchNorm+" (batch normalisation, with its running statistics), "+backbone.FreezeTrunk+" (all but the head)", func(s *settings) *string { return &s.Freeze }),
		number("Network", "head-lr", d.HeadLR, "factor of the head's learning rate; 0: 1", func(s *settings) *float64 { return &s.HeadLR }),
		number("Network", "dropout", d.Dropout, "share, under 1, of the numbers entering the head that a training step drops", func(s *settings) *float64 { return &s.Dropout }),
		yes("Network", "max-pool", d.MaxPool, "at the end of a resnet take the largest of each channel, not the mean", func(s *settings) *bool { return &s.MaxPool }),
		yes("Network", "layer-norm", d.LayerNorm, "layer normalisation of the embeddings", func(s *settings) *bool { return &s.LayerNorm }),

		text("Loss and memory", "loss", d.Loss, "`LOSS`, listed above with its parameters", func(s *settings) *string { return &s.Loss }),
		text("Loss and memory", "miner", d.Miner, "`MINER` that chooses the pairs, listed above with its parameters", func(s *settings) *string { return &s.Miner }),
		number("Loss and memory", "loss-lr", d.LossLR, "learning `RATE` of what the loss itself learns: class weights, margin's beta; 0: as --lr", func(s *settings) *float64 { return &s.LossLR }),
		text("Loss and memory", "memory", d.Memory, "`SIZE` of the memory: rows (2048), or a share of the training images (0.5, 100%); 0: none", func(s *settings) *string { return &s.Memory }),
		number("Loss and memory", "memory-weight", d.MemoryWeight, "factor of the memory term's gradient", func(s *settings) *float64 { return &s.MemoryWeight }),
		text("Loss and memory", "combine", d.Combine, "how batch and memory go together: "+trainer.Paper+" (loss within the batch plus loss against the batches before), "+trainer.PML+" (one loss against a memory that holds the batch)", func(s *settings) *string { return &s.Combine }),
		start("Loss and memory", "start", d.Start, "first `STEP`, from 0, at which the memory is used, or auto: when drift over the steps that fill it falls under --start-drift", func(s *settings) *trainer.Start { return &s.Start }),
		number("Loss and memory", "start-drift", d.StartDrift, fmt.Sprintf("mean squared change of unit embeddings, 0 to 4, under which --start auto starts the memory; 0: %g", trainer.DefaultStartDrift), func(s *settings) *float64 { return &s.StartDrift }),
		yes("Loss and memory", "prefill", d.Prefill, "fill the memory at its start with training images, embedded in evaluation mode by the network as it is then", func(s *settings) *bool { return &s.Prefill }),
		long("Loss and memory", "ramp", d.Ramp, "`STEPS` from --start on over which the memory's weight rises evenly; 0: at once", func(s *settings) *int64 { return &s.Ramp }),
		text("Loss and memory", "policy", d.Policy, "`POLICY`, which rows the memory keeps: ring (the newest; default), keyed (one an image, the newest), class-balanced:N (the newest N of a class), reservoir (a uniform sample of all ever stored)", func(s *settings) *string { return &s.Policy }),
		long("Loss and memory", "max-age", d.MaxAge, "`STEPS` after which a row of the memory is dropped; 0: never", func(s *settings) *int64 { return &s.MaxAge }),
		number("Loss and memory", "age-tau", d.AgeTau, "`STEPS` after which a row of the memory weighs 1/e of a fresh one: the weights of its pairs are multiplied by e^(-age/tau); 0: all weigh alike", func(s *settings) *float64 { return &s.AgeTau }),
		text("Loss and memory", "cure", d.Cure, "`CURE` of drift, listed above with its parameters", func(s *settings) *string { return &s.Cure }),
		yes("Loss and memory", "half-memory", d.HalfMemory, "keep the memory's rows in 16 bits a number, in half the room", func(s *settings) *bool { return &s.HalfMemory }),
		yes("Loss and memory", "keep-copies", d.KeepCopies, "keep the pairs of an image with older embeddings of itself", func(s *settings) *bool { return &s.KeepCopies }),

		whole("Training", "batch", d.Batch, "images a step", func(s *settings) *int { return &s.Batch }),
		whole("Training", "per-class", d.PerClass, "images of each class in a batch; 0: any images, as without labels", func(s *settings) *int { return &s.PerClass }),
		long("Training", "steps", d.Steps, "steps of the whole training", func(s *settings) *int64 { return &s.Steps }),
		text("Training", "optimizer", d.Optimizer, strings.Join(optim.Names(), ", "), func(s *settings) *string { return &s.Optimizer }),
		number("Training", "lr", d.LR, "learning `RATE`", func(s *settings) *float64 { return &s.LR }),
		text("Training", "schedule", d.Schedule, "shape of the learning rate over the steps: "+strings.Join(optim.Schedules(), ", "), func(s *settings) *string { return &s.Schedule }),
		long("Training", "warmup", d.Warmup, "`STEPS` over which the learning rate rises from near 0", func(s *settings) *int64 { return &s.Warmup }),
		number("Training", "weight-decay", d.WeightDecay, "factor of the weights that is added to their gradient", func(s *settings) *float64 { return &s.WeightDecay }),
		number("Training", "momentum", d.Momentum, "of sgd", func(s *settings) *float64 { return &s.Momentum }),
		long("Training", "validate-every", d.ValidateEvery, "`STEPS` between scores of the validation classes; the best weights are kept", func(s *settings) *int64 { return &s.ValidateEvery }),
		long("Training", "inspect-every", d.InspectEvery, "`STEPS` between looks at the weights of all pairs, for weights.png; 0: none", func(s *settings) *int64 { return &s.InspectEvery }),
		long("Training", "drift-every", d.DriftEvery, "`STEPS` between looks at drift: how far embeddings have moved, and what that does to the memory and its gradient; 0: none", func(s *settings) *int64 { return &s.DriftEvery }),
		yes("Training", "skip-bad-batches", d.SkipBadBatches, "leave out batches whose loss, gradients or embeddings are not finite, and count them; else they end the training. A run can be resumed with it", func(s *settings) *bool { return &s.SkipBadBatches }),
		whole("Training", "patience", d.Patience, "`VALIDATIONS` in a row without a better one after which training ends; 0: never", func(s *settings) *int { return &s.Patience }),
		seed("Training", "seed", d.Seed, "`SEED` of the initial weights and the batches", func(s *settings) *uint64 { return &s.Seed }),

		whole("Run", "threads", 0, "processor threads; 0: all. Makes no difference to the numbers", func(s *settings) *int { return &s.Threads }),
	}, keepOptions())
}

// dataSets lists the data sets, for a command's description.
func dataSets() string {
	var b strings.Builder
	b.WriteString("\n\nData sets:\n")
	for _, known := range data.Specs() {
		fmt.Fprintf(&b, "  %-20s %s\n", known.Name, known.Description)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// choices lists the data sets and losses, for a command's description.
func choices() string {
	var b strings.Builder
	b.WriteString(dataSets() + "\n")
	list := func(title string, names []string) {
		b.WriteString("\n" + title + ":\n")
		for _, name := range names {
			fmt.Fprintf(&b, "  %s\n", name)
		}
	}
	list("Losses of pairs, with the defaults of their parameters (name alone: the first)", loss.Names())
	list("Losses with class weights, which use no memory", loss.ClassNames())
	list("Miners, for losses of pairs", miner.Names())
	list("Cures of drift: rows follow the moments of the batch (xbn) or of an average of batches (axbn), or what probes have moved (sdc)", xbm.CureNames())
	return strings.TrimSuffix(b.String(), "\n")
}

// settingsFlags are the flags of options, and --config.
func settingsFlags() []cli.Flag { return settingsFlagsFrom(trainer.Default()) }

func settingsFlagsFrom(d trainer.Config) []cli.Flag {
	flags := []cli.Flag{&cli.StringFlag{Category: "Run", Name: "config", Usage: "YAML `FILE` with any of these settings by the same names; flags win", TakesFile: true}}
	for _, o := range optionsFrom(d) {
		flags = append(flags, o.flag)
	}
	return flags
}

// readSettings is the defaults, then the configuration file, then the flags but
// those that the command uses otherwise. A loss that has no use for a memory has
// none by default, and features have a network of their own. The configuration is
// not validated.
func readSettings(c *cli.Context, otherwise ...string) (settings, error) {
	return readSettingsFrom(c, trainer.Default(), otherwise...)
}

// readSettingsFrom is readSettings with other defaults.
func readSettingsFrom(c *cli.Context, d trainer.Config, otherwise ...string) (settings, error) {
	s := defaults()
	s.Config = d
	memory, network := s.Memory, s.Backbone
	s.Memory, s.Backbone = "", ""
	if err := s.read(c, otherwise); err != nil {
		return s, err
	}
	if s.Labels == trainer.LabelsNone { // once more, on other defaults
		s.Config = s.withoutLabels(d)
		memory = s.Memory
		s.Memory, s.Backbone = "", ""
		if err := s.read(c, otherwise); err != nil {
			return s, err
		}
	}
	if s.Backbone == "" {
		s.Backbone = defaultNetwork(s.Data, network)
	}
	if s.Memory == "" {
		s.Memory = memory
		if l, err := loss.Parse(s.Loss); err == nil {
			if _, ok := l.(pair.ClassLoss); ok {
				s.Memory = "0"
			}
		}
	}
	return s, s.ready()
}

// ready looks at what makes no difference to the numbers, and sets the threads.
func (s *settings) ready() error {
	if s.Threads < 0 {
		return fmt.Errorf("threads is %d: give 0 (all) or more", s.Threads)
	}
	if err := errors.Join(s.validate(), s.check()); err != nil {
		return err
	}
	if s.Threads > 0 {
		runtime.GOMAXPROCS(s.Threads)
	}
	return nil
}

// read takes in the configuration file, then the flags but those that the command
// uses otherwise.
func (s *settings) read(c *cli.Context, otherwise []string) error {
	if path := c.String("config"); path != "" {
		if err := s.readFile(path); err != nil {
			return err
		}
	}
	for _, o := range options() {
		if name := o.flag.Names()[0]; c.IsSet(name) && !slices.Contains(otherwise, name) {
			o.apply(c, s)
		}
	}
	return nil
}

func (s *settings) readFile(path string) error {
	content, err := record.ReadText(path)
	if err != nil {
		return fmt.Errorf("config: %w", err)
	}
	return s.parse(path, content)
}

// parse takes in what a configuration file holds.
func (s *settings) parse(path string, content []byte) error {
	d := yaml.NewDecoder(bytes.NewReader(content))
	d.KnownFields(true)
	if err := d.Decode(s); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("config %s: %s: the keys are the names of the flags, see xbm train --help", path,
			strings.ReplaceAll(err.Error(), " in type main.settings", ""))
	}
	return nil
}

// optionsOf are the options of these names.
func optionsOf(names ...string) []option {
	return slices.DeleteFunc(options(), func(o option) bool { return !slices.Contains(names, o.flag.Names()[0]) })
}

func text(category, name, value, usage string, at func(*settings) *string) option {
	return option{&cli.StringFlag{Category: category, Name: name, Value: value, Usage: usage},
		func(c *cli.Context, s *settings) { *at(s) = c.String(name) }}
}

func whole(category, name string, value int, usage string, at func(*settings) *int) option {
	return option{&cli.IntFlag{Category: category, Name: name, Value: value, Usage: usage},
		func(c *cli.Context, s *settings) { *at(s) = c.Int(name) }}
}

func long(category, name string, value int64, usage string, at func(*settings) *int64) option {
	return option{&cli.Int64Flag{Category: category, Name: name, Value: value, Usage: usage},
		func(c *cli.Context, s *settings) { *at(s) = c.Int64(name) }}
}

func start(category, name string, value trainer.Start, usage string, at func(*settings) *trainer.Start) option {
	return option{&cli.GenericFlag{Category: category, Name: name, Value: &startValue{value}, Usage: usage},
		func(c *cli.Context, s *settings) { *at(s) = c.Generic(name).(*startValue).Start }}
}

// startValue is a start that a flag sets.
type startValue struct{ trainer.Start }

// Set implements cli.Generic.
func (v *startValue) Set(text string) error { return v.UnmarshalText([]byte(text)) }

func seed(category, name string, value uint64, usage string, at func(*settings) *uint64) option {
	return option{&cli.Uint64Flag{Category: category, Name: name, Value: value, Usage: usage},
		func(c *cli.Context, s *settings) { *at(s) = c.Uint64(name) }}
}

func number(category, name string, value float64, usage string, at func(*settings) *float64) option {
	return option{&cli.Float64Flag{Category: category, Name: name, Value: value, Usage: usage},
		func(c *cli.Context, s *settings) { *at(s) = c.Float64(name) }}
}

func yes(category, name string, value bool, usage string, at func(*settings) *bool) option {
	return option{&cli.BoolFlag{Category: category, Name: name, Value: value, Usage: usage},
		func(c *cli.Context, s *settings) { *at(s) = c.Bool(name) }}
}
