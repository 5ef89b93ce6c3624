package trainer

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"go.uber.org/zap"

	"crossbatch/eval/drift"
	"crossbatch/eval/event"
	"crossbatch/trainer/data"
	"crossbatch/xbm"
)

// Start is the first step, from 0, at which the memory is used, or [StartAuto]. As
// text it is the number or "auto".
type Start int64

// StartAuto starts the memory when drift over one lifetime of the memory is below
// Config.Memory.StartDrift. The lifetime is the number of steps that fill the memory once. The
// drift over it is about the error of the memory's oldest row.
const StartAuto Start = math.MinInt64

const autoText = "auto"

// DefaultStartDrift is the default threshold of [StartAuto]. Drift of 0.5 is a mean cosine of
// 0.75 between an embedding now and one memory lifetime before. The cosine of unrelated
// embeddings is 0. The built-in glyphs reach this threshold after a few hundred steps.
const DefaultStartDrift = 0.5

// String returns the step as a number, or "auto".
func (s Start) String() string {
	if s == StartAuto {
		return autoText
	}
	return strconv.FormatInt(int64(s), 10)
}

// UnmarshalText reads a step from 0, or "auto". It implements encoding.TextUnmarshaler.
func (s *Start) UnmarshalText(text []byte) error {
	if string(text) == autoText {
		*s = StartAuto
		return nil
	}
	step, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || step < 0 {
		return fmt.Errorf("start is %q: give a step from 0, or %s", text, autoText)
	}
	*s = Start(step)
	return nil
}

// MarshalYAML returns a number, or "auto". It implements yaml.Marshaler.
func (s Start) MarshalYAML() (any, error) {
	if s == StartAuto {
		return autoText, nil
	}
	return int64(s), nil
}

// step is the step to start at, as far as it is known.
func (s Start) step() int64 {
	if s == StartAuto {
		return xbm.NotYet
	}
	return int64(s)
}

// starter decides when the memory starts. Like the monitor it only reads of the
// training until then.
type starter struct {
	memory    *xbm.CrossBatch
	threshold float64
	every     int64 // steps between looks
	lag       int64 // the memory's lifetime, or a little more
	probe     probe
	last      float64 // drift at the last look
}

// leastBetweenStarts is the least number of steps between looks: a look embeds a
// few batches.
const leastBetweenStarts = 10

// newStarter returns what decides for c, nil where the start is given.
func newStarter(c Config, memory *xbm.CrossBatch, split data.Split) *starter {
	if memory == nil || c.Memory.Start != StartAuto {
		return nil
	}
	s := &starter{memory: memory, threshold: c.Memory.StartDrift, probe: newProbe(c, split.Train, probeImages), last: math.NaN()}
	if s.threshold == 0 {
		s.threshold = DefaultStartDrift
	}
	up := func(n, unit int64) int64 { return (n + unit - 1) / unit }
	lifetime := up(int64(memory.Memory.Cap()), int64(c.Batch.Size))
	// Four looks a lifetime, at steps that are a lifetime apart too, so that each
	// embedding serves twice.
	s.every = max(leastBetweenStarts, up(lifetime, 4))
	s.lag = up(lifetime, s.every) * s.every
	return s
}

// look starts the memory at this step if drift says so, and returns what says so.
func (s *starter) look(step int64, e Encoder, set *data.Set) (*event.MemoryStart, error) {
	if s == nil || s.memory.StartsAt() != xbm.NotYet || step%s.every != 0 {
		return nil, nil
	}
	if err := s.probe.embed(e, set, step); err != nil {
		return nil, err
	}
	before := s.probe.at(step - s.lag)
	if before == nil {
		return nil, nil
	}
	moved, err := drift.Of(s.probe.at(step), before, e.Dim())
	if err != nil {
		return nil, err
	}
	s.probe.keep(func(past int64) bool { return past+s.lag > step })
	if s.last = moved; !(moved < s.threshold) {
		return nil, nil
	}
	s.memory.StartAt(step)
	s.probe.past = nil
	return &event.MemoryStart{Step: step, Starts: event.DriftOver{Delta: s.lag, Value: moved}}, nil
}

// AppendBinary appends the step of the start, little-endian, and the state of the
// probe.
func (s *starter) AppendBinary(b []byte) ([]byte, error) {
	b = binary.LittleEndian.AppendUint64(b, uint64(s.memory.StartsAt()))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(s.last))
	return s.probe.AppendBinary(b)
}

// UnmarshalBinary restores what AppendBinary wrote. After an error nothing has
// changed.
func (s *starter) UnmarshalBinary(data []byte) error {
	if len(data) < 16 {
		return fmt.Errorf("trainer: restore the start: %d bytes: %w", len(data), errProbe)
	}
	if err := s.probe.UnmarshalBinary(data[16:]); err != nil {
		return err
	}
	s.memory.StartAt(int64(binary.LittleEndian.Uint64(data)))
	s.last = math.Float64frombits(binary.LittleEndian.Uint64(data[8:]))
	return nil
}

// startMemory decides on the start, and when it has come it fills the memory, if that
// is wanted.
func (t *Training) startMemory(p *pass) error {
	step := p.metric.Step
	starts, err := t.starter.look(step, t.team.sharing(t.storing()), t.trained)
	if err != nil {
		return err
	}
	if starts != nil {
		if err := t.report(*starts); err != nil {
			return err
		}
	}
	memory := t.terms.memory
	if memory == nil || step != memory.StartsAt() {
		return nil
	}
	if t.Config.Memory.Prefill {
		if err := t.prefill(step); err != nil {
			return fmt.Errorf("prefill: %w", err)
		}
	}
	if t.Log != nil {
		fields := []zap.Field{zap.Int64("step", step), zap.Int("rows", memory.Memory.Cap())}
		if starts != nil {
			fields = append(fields, zap.Float64("drift", round(starts.Starts.Value)), zap.Int64("over_steps", starts.Starts.Delta))
		}
		if t.Config.Memory.Prefill {
			fields = append(fields, zap.Int("filled", memory.Memory.Len()))
		}
		t.Log.Info("memory starts", fields...)
		if rows := t.classRound(); memory.Memory.Cap() < rows {
			t.Log.Warn("the memory is shorter than a round of the classes: it holds next to no positives of a batch, and may do harm. Give a larger memory or enqueue first",
				zap.Int("rows", memory.Memory.Cap()), zap.Int("round", rows))
		}
	}
	return nil
}

// classRound is how many rows are stored from a batch with a class to the next with it, where the
// term against the memory sees the batches before alone; else 0. Batches by class deal each
// class once a round.
func (t *Training) classRound() int {
	if !t.Config.byClass() || !t.terms.memory.EnqueueLast {
		return 0
	}
	classes := map[int32]bool{}
	for _, i := range t.Split.Train {
		classes[t.trained.Labels[i]] = true
	}
	rows := len(classes) * t.Config.Batch.PerClass
	if !t.Config.hasKeys() {
		rows *= t.Config.views()
	}
	return rows
}

// neverStarted tells of a memory that has waited in vain.
func (t *Training) neverStarted() {
	if t.starter != nil && t.starter.memory.StartsAt() == xbm.NotYet && t.Log != nil {
		t.Log.Warn("the memory never started: raise start-drift, or give start a step",
			zap.Float64("drift", round(t.starter.last)), zap.Int64("over_steps", t.starter.lag), zap.Float64("start_drift", t.starter.threshold))
	}
}

func round(x float64) float64 { return math.Round(1000*x) / 1000 }

// Prefill returns the indices of the images that fill the memory when it starts; nil if
// Config.Memory.Prefill is not set or there is no memory.
func (t *Training) Prefill() []int {
	if t.terms.memory == nil || !t.Config.Memory.Prefill {
		return nil
	}
	order := rand.New(rand.NewPCG(t.Config.Seed, prefillStream)).Perm(len(t.Split.Train))
	index := order[:min(t.terms.memory.Memory.Cap(), len(order))]
	for k, i := range index {
		index[k] = t.Split.Train[i]
	}
	return index
}

// prefill stores embeddings of random training images, each at most once, in the
// memory, by the network as it is before the step (arXiv 1912.06798, section 3.2:
// features of randomly sampled training images, computed with the warmed-up
// model). They count as born the step before. They are taken in evaluation mode,
// which leaves the network as it is; batches are stored as they were trained on,
// so that for one lifetime of the memory rows of both kinds lie in it.
func (t *Training) prefill(step int64) error {
	index := t.Prefill()
	if t.shares() == nil {
		return t.fillBy(index, step)
	}
	// Not all at a time, where a rank has no room for all.
	for part := range slices.Chunk(index, prefillPart) {
		if err := t.fillBy(part, step); err != nil {
			return err
		}
	}
	return nil
}

const prefillPart = 16 << 10 // images

// fillBy stores embeddings of images in the memory.
func (t *Training) fillBy(index []int, step int64) error {
	b := xbm.Batch{Labels: make([]int32, len(index)), IDs: make([]int64, len(index)), Step: step - 1}
	for k, i := range index {
		b.Labels[k], b.IDs[k] = t.trained.Labels[i], int64(i)
	}
	var err error
	if b.Embeddings, err = embed(t.team.sharing(t.storing()), t.trained, index); err != nil {
		return err
	}
	return t.terms.memory.Fill(b)
}
