package run

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"crossbatch/backbone"
	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/setting"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/pair"
)

// Settings is everything that a configuration file can hold: the configuration of a run, and
// settings that do not change its results. It is read and written as YAML, with the keys of
// List.
type Settings struct {
	trainer.Config
	Threads int // processor threads; 0: all. The program must set runtime.GOMAXPROCS itself
	Loading
	Keep
	// Older tells that an older file was read whose combine: paper means another thing, see
	// [trainer.Config.TakeIn].
	Older bool
}

// DefaultSettings returns the default settings.
func DefaultSettings() Settings { return Settings{Config: trainer.Default(), Keep: DefaultKeep()} }

// List returns the settings in the order of a configuration file, bound to the fields of s.
func (s *Settings) List() []setting.Setting {
	threads := setting.Setting{Key: "threads", Value: &s.Threads, Group: "Run", Scope: setting.Machine, Unit: "threads", Range: setting.AtLeast(0).Note("all"), Help: "processor threads; 0: all. Makes no difference to the numbers"}
	return slices.Concat(s.Config.Settings(), []setting.Setting{threads}, s.Loading.Settings(), s.Keep.Settings())
}

// ValidateMachine validates the settings that do not change the results. Validate validates
// the others.
func (s *Settings) ValidateMachine() error {
	return setting.Validate(slices.DeleteFunc(s.List(), func(row setting.Setting) bool { return row.Scope != setting.Machine }))
}

// MarshalYAML implements yaml.Marshaler.
func (s Settings) MarshalYAML() (any, error) {
	s.Config = s.Explicit()
	return setting.File(s.List()), nil
}

// UnmarshalYAML sets what a configuration file has, by key.
func (s *Settings) UnmarshalYAML(decode func(any) error) error {
	older, err := s.TakeIn(func() error { return setting.Read(s.List(), decode) })
	s.Older = s.Older || older
	return err
}

// ReadFile sets what the configuration file at path has, and leaves the rest. An unknown key
// is an error. It validates nothing.
func (s *Settings) ReadFile(path string) error {
	content, err := record.ReadText(path)
	if err != nil {
		return fmt.Errorf("config: %w", err)
	}
	return s.parse(path, content)
}

// parse takes in what a configuration file holds.
func (s *Settings) parse(path string, content []byte) error {
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

// unset is a number that nobody gives.
const unset = math.MinInt

// Choose returns the defaults d changed by set, and with suitable values for what set leaves
// open: no memory for a loss that cannot use one, a linear network for features, the published
// width of networks that are mostly used with published weights, and the settings of SimCLR or
// MoCo without labels. It calls set once or twice, each time on fresh defaults. It validates
// nothing.
func Choose(d trainer.Config, set func(*Settings) error) (Settings, error) {
	s, err := withOpen(d, set)
	if err == nil && s.Data.Labels == trainer.LabelsNone {
		d.Keys.Encoder = s.Keys.Encoder
		d = d.WithoutLabels()
		s, err = withOpen(d, set)
	}
	if err != nil {
		return s, err
	}
	if s.Network.Kind == "" {
		s.Network.Kind = d.Network.Kind
		if strings.HasPrefix(s.Data.Set, "features:") { // they have no rows and columns
			s.Network.Kind = backbone.Linear
		}
	}
	if s.Network.Width == unset {
		s.Network.Width = 0
		// The first networks had the width of conv4 before.
		if slices.Contains([]string{backbone.Conv4, backbone.Linear, backbone.MLP, backbone.ResNet18, backbone.ResNet50}, s.Network.Kind) {
			s.Network.Width = d.Network.Width
		}
	}
	if s.Memory.Size == "" {
		s.Memory.Size = d.Memory.Size
		if l, err := loss.Parse(s.Loss.Spec); err == nil {
			if _, ok := l.(pair.ClassLoss); ok {
				s.Memory.Size = "0"
			}
		}
	}
	return s, nil
}

// withOpen is d with what set sets, and with nothing where Choose chooses.
func withOpen(d trainer.Config, set func(*Settings) error) (Settings, error) {
	s := DefaultSettings()
	s.Config = d
	s.Memory.Size, s.Network.Kind, s.Network.Width = "", "", unset
	err := set(&s)
	return s, err
}
