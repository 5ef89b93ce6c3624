package trainer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"crossbatch/eval"
	"crossbatch/trainer/checkpoint"
	"crossbatch/trainer/optim"
	"crossbatch/xbm"
	"crossbatch/xbm/pair"
)

// Sections returns the whole state of the training, for a checkpoint. The sections refer to
// the training: they are written from it and restored into it. A state that is restored
// between Prepare and Train, with the same Config, Set and Split, continues the training bit
// for bit. The state of another training is refused with an error that says why. After an
// error the training cannot be used, but another checkpoint may still be restored. With a
// memory that is shared out to ranks, rank 0 writes them, and only in Run.Checkpoint.
func (t *Training) Sections() []checkpoint.Section {
	list := []checkpoint.Section{
		// What refuses a checkpoint that is not this training's comes first.
		{Name: "configuration", State: &savedConfig{&t.Config}},
		{Name: "data", State: &savedData{t}},
		{Name: "progress", State: &savedProgress{t}},
		{Name: "batches", State: t.loader},
		{Name: "network", State: savedNetwork{t.Encoder}},
		{Name: "optimizer", State: optim.Saved{Optimizer: t.optimizer, Sizes: sizes(t.Encoder)}},
		{Name: "best", State: savedBest{t}},
	}
	if t.Own.description() != "" {
		list = slices.Insert(list, 1, checkpoint.Section{Name: "own", State: savedOwn{&t.Own}})
	}
	list = append(list, t.terms.sections()...)
	if t.terms.memory != nil {
		list = append(list, checkpoint.Section{Name: memorySection, State: t.savedMemory()})
	}
	if t.momentum != nil {
		list = append(list, checkpoint.Section{Name: "keys", State: savedNetwork{t.momentum.encoder}})
	}
	if t.starter != nil {
		list = append(list, checkpoint.Section{Name: "start", State: t.starter})
	}
	if t.cure != nil {
		list = append(list, checkpoint.Section{Name: "compensation", State: &t.cure.probe})
	}
	if t.monitor != nil {
		list = append(list, checkpoint.Section{Name: "drift", State: &t.monitor.probe})
	}
	return list
}

// sections are what the terms leave behind.
func (t *terms) sections() []checkpoint.Section {
	var values savedFloats
	var sizes []int
	for _, l := range t.learned {
		for _, p := range l.params {
			values = append(values, p.Value)
			sizes = append(sizes, len(p.Value))
		}
	}
	list := []checkpoint.Section{
		{Name: "learned", State: values},
		{Name: "learned optimizer", State: optim.Saved{Optimizer: t.optimizer, Sizes: sizes}},
	}
	for i, source := range t.generators() {
		list = append(list, checkpoint.Section{Name: fmt.Sprintf("chance %d", i), State: source})
	}
	return list
}

// generators are the random generators of the terms' miners.
func (t *terms) generators() (list []*rand.PCG) {
	var losses []pair.Loss
	if t.inBatch != nil {
		losses = append(losses, t.inBatch.Loss)
	}
	if t.memory != nil {
		losses = append(losses, t.memory.Loss)
	}
	for _, l := range losses {
		if source := generatorOf(l); source != nil {
			list = append(list, source)
		}
	}
	return list
}

// memorySection is the name of the memory's section.
const memorySection = "memory"

// savedMemory is a memory of a set of so many images: whose rows are theirs.
type savedMemory struct {
	*xbm.Memory
	images int
}

func (s savedMemory) UnmarshalBinary(data []byte) error {
	if err := s.Memory.UnmarshalBinary(data); err != nil {
		return err
	}
	for slot, id := range s.IDs() {
		if id < 0 || id >= int64(s.images) {
			return fmt.Errorf("%w: the row in slot %d is of image %d of %d", errSections, slot, id, s.images)
		}
	}
	return nil
}

// savedConfig restores nothing: it refuses another configuration.
type savedConfig struct{ config *Config }

func (s *savedConfig) AppendBinary(b []byte) ([]byte, error) {
	for _, k := range s.config.entries() {
		line, err := json.Marshal(k)
		if err != nil {
			return nil, fmt.Errorf("trainer: %w", err)
		}
		b = append(append(b, line...), '\n')
	}
	return b, nil
}

func (s *savedConfig) UnmarshalBinary(data []byte) error {
	var was []entry
	for line := range bytes.Lines(data) {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("trainer: its configuration: %w", err)
		}
		was = append(was, e)
	}
	if d := differences(s.config.entries(), newer(was)); d != "" {
		return fmt.Errorf("trainer: the configuration is not the checkpoint's: %s", d)
	}
	return nil
}

// savedData restores nothing: it refuses another data set.
type savedData struct{ t *Training }

func (s *savedData) AppendBinary(b []byte) ([]byte, error) {
	return append(b, s.t.dataFingerprint()...), nil
}

func (s *savedData) UnmarshalBinary(data []byte) error {
	if now := s.t.dataFingerprint(); string(data) != now {
		return fmt.Errorf("trainer: the data set has changed since the checkpoint: it was %.300q and is %q: give the run its own data back, or train anew", data, now)
	}
	return nil
}

// dataFingerprint is that of the set, taken once.
func (t *Training) dataFingerprint() string {
	if t.fingerprint == "" {
		t.fingerprint = t.Set.Fingerprint()
	}
	return t.fingerprint
}

// savedProgress is how far the training is and what it has counted.
type savedProgress struct{ t *Training }

// progress is what savedProgress writes, as JSON, which gives every number back
// as it was.
type progress struct {
	Done      int64         `json:"done"`
	Spent     time.Duration `json:"spent"`
	Waited    time.Duration `json:"waited"`
	Elapsed   time.Duration `json:"elapsed"`
	Copies    float64       `json:"copies"`
	Positives float64       `json:"positives"`
	Anchors   float64       `json:"anchors,omitempty"`
	Skipped   int64         `json:"skipped"`
	InARow    int           `json:"skipped_in_a_row"`
	Collapsed bool          `json:"collapsed"`
	Due       bool          `json:"validation_due,omitempty"`
}

func (s *savedProgress) AppendBinary(b []byte) ([]byte, error) {
	t := s.t
	text, err := json.Marshal(progress{t.done, t.clock.spent, t.clock.waited, t.clock.elapsed(), t.counts.copies, t.counts.positives, t.counts.anchors, t.counts.skipped, t.counts.skippedInARow, t.collapsed, t.due})
	return append(b, text...), err
}

func (s *savedProgress) UnmarshalBinary(data []byte) error {
	var p progress
	if err := unmarshal(data, &p); err != nil {
		return err
	}
	if p.Done < 0 || p.Done > s.t.Config.Steps || p.Spent < 0 || p.Waited < 0 || p.Elapsed < 0 || p.Skipped < 0 || p.InARow < 0 {
		return fmt.Errorf("trainer: %d of %d steps done in %v: not a state of this training", p.Done, s.t.Config.Steps, p.Elapsed)
	}
	t := s.t
	t.done, t.saved, t.counts.copies, t.counts.positives, t.counts.anchors = p.Done, p.Done, p.Copies, p.Positives, p.Anchors
	t.clock.spent, t.clock.waited, t.clock.before = p.Spent, p.Waited, p.Elapsed
	t.counts.skipped, t.counts.skippedInARow, t.collapsed = p.Skipped, p.InARow, p.Collapsed
	if t.due = p.Due; t.due {
		t.saved = -1 // the state after the validation is another
	}
	return nil
}

// savedBest is the best network so far: a line of JSON, and its state.
type savedBest struct{ t *Training }

type bestLine struct {
	Found  bool        `json:"found"`
	Step   int64       `json:"step"`
	Scores eval.Scores `json:"scores"`
}

func (s savedBest) AppendBinary(b []byte) ([]byte, error) {
	t := s.t
	text, err := json.Marshal(bestLine{t.best.state != nil, t.best.step, t.best.scores})
	if err != nil {
		return nil, fmt.Errorf("trainer: %w", err)
	}
	return savedFloats(t.best.state).AppendBinary(append(append(b, text...), '\n'))
}

func (s savedBest) UnmarshalBinary(data []byte) error {
	text, rest, _ := bytes.Cut(data, []byte{'\n'})
	var line bestLine
	if err := unmarshal(text, &line); err != nil {
		return err
	}
	var state snapshot
	if line.Found {
		state.take(s.t.Encoder) // for its sizes
	}
	if err := savedFloats(state).UnmarshalBinary(rest); err != nil {
		return err
	}
	s.t.best = best{state, line.Step, line.Scores}
	return nil
}

var errSections = errors.New("trainer: not a state of this training")

// unmarshal reads JSON that has no unknown fields and nothing after it.
func unmarshal(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil || d.InputOffset() != int64(len(data)) {
		return fmt.Errorf("%w: %v", errSections, err)
	}
	return nil
}
