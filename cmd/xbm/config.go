package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v3"

	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/data/sets"
	"crossbatch/trainer/run"
	"crossbatch/trainer/setting"
	"crossbatch/xbm"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

// settings is all that a configuration file can hold: the run's configuration,
// and what makes no difference to its numbers.
type settings struct {
	trainer.Config
	Threads int
	run.Loading
	run.Keep
}

// defaults are the settings that nobody set.
func defaults() settings { return settings{Config: trainer.Default(), Keep: run.DefaultKeep()} }

// list are the settings in the order of a configuration file.
func (s *settings) list() []setting.Setting {
	threads := setting.Setting{Key: "threads", Value: &s.Threads, Group: "Run", Scope: setting.Machine, Unit: "threads", Range: setting.AtLeast(0).Note("all"), Help: "processor threads; 0: all. Makes no difference to the numbers"}
	return slices.Concat(s.Config.Settings(), []setting.Setting{threads}, s.Loading.Settings(), s.Keep.Settings())
}

// MarshalYAML implements yaml.Marshaler.
func (s settings) MarshalYAML() (any, error) { return setting.File(s.list()), nil }

// UnmarshalYAML reads the mapping of a configuration file.
func (s *settings) UnmarshalYAML(decode func(any) error) error {
	return setting.Read(s.list(), decode)
}

// dataSets lists the data sets, for a command's description.
func dataSets() string {
	var b strings.Builder
	b.WriteString("\n\nData sets:\n")
	for _, known := range sets.Specs() {
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

// settingsFlags are the flags of all settings, and --config.
func settingsFlags() []cli.Flag { return settingsFlagsFrom(trainer.Default()) }

// settingsFlagsFrom are the flags with other defaults.
func settingsFlagsFrom(d trainer.Config) []cli.Flag {
	s := defaults()
	s.Config = d
	config := &cli.StringFlag{Category: "Run", Name: "config", Usage: "YAML `FILE` with any of these settings by the same names; flags win", TakesFile: true}
	return append([]cli.Flag{config}, flagsOf(s.list())...)
}

// readSettings is the defaults, then the configuration file, then the flags but
// those that the command uses otherwise. A loss that has no use for a memory has
// none by default, and features have a network of their own. The configuration is
// not validated.
func readSettings(c *cli.Context, otherwise ...string) (settings, error) {
	return readSettingsFrom(c, trainer.Default(), otherwise...)
}

// unset is a number that nobody gives.
const unset = math.MinInt

// readSettingsFrom is readSettings with other defaults.
func readSettingsFrom(c *cli.Context, d trainer.Config, otherwise ...string) (settings, error) {
	s := defaults()
	s.Config = d
	memory, network, width := s.Memory.Size, s.Network.Kind, s.Network.Width
	s.Memory.Size, s.Network.Kind, s.Network.Width = "", "", unset
	if err := s.read(c, otherwise); err != nil {
		return s, err
	}
	if s.Data.Labels == trainer.LabelsNone { // once more, on other defaults
		s.Config = s.withoutLabels(d)
		memory = s.Memory.Size
		s.Memory.Size, s.Network.Kind, s.Network.Width = "", "", unset
		if err := s.read(c, otherwise); err != nil {
			return s, err
		}
	}
	if s.Network.Kind == "" {
		s.Network.Kind = defaultNetwork(s.Data.Set, network)
	}
	if s.Network.Width == unset {
		s.Network.Width = defaultWidth(s.Network.Kind, width)
	}
	if s.Memory.Size == "" {
		s.Memory.Size = memory
		if l, err := loss.Parse(s.Loss.Spec); err == nil {
			if _, ok := l.(pair.ClassLoss); ok {
				s.Memory.Size = "0"
			}
		}
	}
	return s, s.ready()
}

// ready looks at what makes no difference to the numbers, and sets the threads.
func (s *settings) ready() error {
	machine := slices.DeleteFunc(s.list(), func(row setting.Setting) bool { return row.Scope != setting.Machine })
	if err := setting.Validate(machine); err != nil {
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
	for _, row := range s.list() {
		if c.IsSet(row.Key) && !slices.Contains(otherwise, row.Key) {
			apply(c, row)
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
	err := d.Decode(s)
	if wrong := (*yaml.TypeError)(nil); errors.As(err, &wrong) {
		err = errors.New(strings.Join(wrong.Errors, "; "))
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("config %s: %w: the keys are the names of the flags, see xbm train --help", path, err)
	}
	return nil
}
