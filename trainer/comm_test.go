package trainer

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"crossbatch/eval/event"
	"crossbatch/trainer/ranks"
	"crossbatch/xbm"
)

// trained is what a rank ends with.
type trained struct {
	steps      []event.Step
	directions []event.Direction
	weights    []float32
	rows       []float32 // of the memory
	here       int       // numbers of them that the rank has
	result     Result
}

// together trains on so many ranks, each with a run of its own.
func together(t *testing.T, size int, change func(*Run)) ([]trained, error) {
	t.Helper()
	all := make([]trained, size)
	var mu sync.Mutex // testing's
	err := ranks.Local(size, func(c ranks.Comm) error {
		mu.Lock()
		r, net := barsRun(t)
		mu.Unlock()
		own := &all[c.Rank()]
		r.Comm = c
		r.Metric = func(v event.Event) error {
			switch v := v.(type) {
			case event.Step:
				own.steps = append(own.steps, v)
			case event.Direction:
				own.directions = append(own.directions, v)
			}
			return nil
		}
		change(&r)
		if r.Config.hasKeys() {
			r.MomentumEncoder = newLinear(36, 8)
		}
		training, err := Prepare(r)
		if err != nil {
			return err
		}
		if own.result, err = training.Train(t.Context()); err != nil {
			return err
		}
		own.weights = slices.Concat(net.weight, net.buffer)
		if m := training.terms.memory; m != nil {
			own.here = len(m.Memory.AppendRows(nil))
			own.rows, err = wholeRows(m.Memory)
		}
		if err != nil {
			return err
		}
		return nil
	})
	return all, err
}

// wholeRows are the rows of a memory, which may be shared out.
func wholeRows(m *xbm.Memory) ([]float32, error) {
	if here := m.AppendRows(nil); len(here) == m.Len()*m.Dim() {
		return here, nil
	}
	var state bytes.Buffer
	if err := m.WriteState(&state); err != nil {
		return nil, err
	}
	whole, err := xbm.MemoryConfig{Capacity: m.Cap(), Dim: m.Dim(), Half: m.Halves() != nil, Policy: m.Policy(), MaxAge: m.MaxAge()}.New()
	if err == nil {
		err = whole.UnmarshalBinary(state.Bytes())
	}
	if err != nil {
		return nil, err
	}
	return whole.AppendRows(nil), nil
}

// Of an encoder whose images do not see each other, any number of ranks is the same
// training but for rounding, and all ranks end with the same bytes.
func TestAnyNumberOfRanksIsTheSameTraining(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){
		"paper":   func(*Config) {},
		"pml":     func(c *Config) { c.Memory.Combine, c.Memory.Half = PML, true },
		"keys":    func(c *Config) { c.Keys.Encoder = EncoderMomentum },
		"moco":    func(c *Config) { c.Data.Augment = "views"; c.Keys.Encoder = EncoderMomentum; moco(c) },
		"simclr":  func(c *Config) { moco(c); c.Memory.Size = "0" },
		"classes": func(c *Config) { c.Loss.Spec, c.Memory.Size = "arcface", "0" },
		"watching": func(c *Config) {
			c.Watch.DriftEvery, c.Watch.InspectEvery, c.Watch.DirectionEvery, c.SkipBadBatches = 7, 5, 11, true
		},
		"chance": func(c *Config) { c.Loss.Spec, c.Loss.Miner = "margin:learn_beta=true", "distance-weighted" },
		"start":  func(c *Config) { c.Memory.Start, c.Memory.StartDrift, c.Memory.Prefill = StartAuto, 3.9, true },
		"cured":  func(c *Config) { c.Memory.Cure, c.Memory.Policy = "sdc", "keyed" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			of := func(r *Run) {
				r.Config.Steps, r.Config.Watch.ValidateEvery = 50, 20
				change(&r.Config)
			}
			one, err := together(t, 1, of)
			if err != nil {
				t.Fatal(err)
			}
			sizes := []int{2, 4}
			if testing.Short() {
				sizes = []int{4}
			}
			for _, size := range sizes {
				many, err := together(t, size, of)
				if err != nil {
					t.Fatalf("%d ranks: %v", size, err)
				}
				for rank := range many {
					if !slices.Equal(many[rank].weights, many[0].weights) || !slices.Equal(many[rank].rows, many[0].rows) {
						t.Errorf("rank %d of %d ends with another state than rank 0", rank, size)
					}
					if math.Abs(many[rank].result.Test.MAPAtR-one[0].result.Test.MAPAtR) > 1e-3 {
						t.Errorf("rank %d of %d: test %v, alone %v", rank, size, many[rank].result.Test, one[0].result.Test)
					}
				}
				losses(t, fmt.Sprintf("%d ranks", size), many[0].steps, one[0].steps)
				near(t, fmt.Sprintf("directions on %d ranks", size), cosines(many[size-1]), cosines(one[0]), 1e-4)
				near(t, fmt.Sprintf("weights on %d ranks", size), many[0].weights, one[0].weights, 2e-5)
				near(t, fmt.Sprintf("memory on %d ranks", size), many[0].rows, one[0].rows, 1e-3) // where it is halves, one of 2,048
			}
		})
	}
}

// moco is a configuration without labels.
func moco(c *Config) {
	c.Data.Labels, c.Loss.Spec, c.Memory.Combine, c.Memory.Start = LabelsNone, "nt-xent:temperature=0.5", PML, 0
	c.Memory.Size, c.Data.Augment = "64", "glyph"
}

// cosines are the directions that a rank has looked at.
func cosines(of trained) (list []float32) {
	for _, d := range of.directions {
		list = append(list, float32(d.Direction.All))
	}
	return list
}

// losses compares those of every step, to a millionth.
func losses(t *testing.T, what string, got, want []event.Step) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d steps told, want %d", what, len(got), len(want))
	}
	worst := 0.0
	for i := range got {
		for _, pair := range [][2]*event.Term{{got[i].Batch, want[i].Batch}, {got[i].Memory, want[i].Memory}} {
			if (pair[0] == nil) != (pair[1] == nil) {
				t.Fatalf("%s: step %d has other terms", what, i)
			}
			if pair[0] != nil {
				worst = max(worst, math.Abs(pair[0].Loss-pair[1].Loss)/max(1, math.Abs(pair[1].Loss)))
			}
		}
	}
	if worst > 1e-6 {
		t.Errorf("%s: a loss is off by %.2g", what, worst)
	}
}

func near(t *testing.T, what string, got, want []float32, within float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i, v := range got {
		if !(math.Abs(float64(v-want[i])) <= within*max(1, math.Abs(float64(want[i])))) {
			t.Fatalf("%s: number %d is %g, want %g", what, i, v, want[i])
		}
	}
}

func TestTheSameRanksGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	run := func() trained {
		all, err := together(t, 4, func(r *Run) { r.Config.Steps, r.Config.Loss.Miner = 30, "distance-weighted" })
		if err != nil {
			t.Fatal(err)
		}
		return all[0]
	}
	a, b := run(), run()
	if !slices.Equal(a.weights, b.weights) || !slices.Equal(a.rows, b.rows) || fmt.Sprint(a.result.Test) != fmt.Sprint(b.result.Test) {
		t.Error("two trainings on four ranks differ")
	}
}

func TestRanksThatDoNotGoTogetherAreRefused(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*Run){
		"multiple of that":     func(r *Run) { r.Config.Batch.Size, r.Config.Batch.PerClass = 20, 4 },
		"leave sync-bn out":    func(r *Run) { r.Config.Batch.SyncBN = true },
		"seed is 2 and was 1":  func(r *Run) { r.Config.Seed = 1 + uint64(r.Comm.Rank()/2) },
		"data set has changed": func(r *Run) { r.Set.Pixels[3] += uint8(r.Comm.Rank()) },
	} {
		_, err := together(t, 3, func(r *Run) {
			r.Config.Batch.Size, r.Config.Batch.PerClass = 24, 4
			change(r)
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}

// splitting is an encoder of which only the number of parts matters.
type splitting struct {
	*linear
	parts int
	sums  bool // it may add up over ranks
	early bool // it says which gradients are ready
}

func (s *splitting) Split(_, stride int, sum func([]float64) error, ready func(int)) {
	s.parts, s.sums, s.early = stride, sum != nil, ready != nil
}

// The encoder alone sends gradients on their way; statistics are added up where sync-bn
// is set, with a momentum encoder or without.
func TestRanksSplitTheirEncoders(t *testing.T) {
	t.Parallel()
	for _, syncBN := range []bool{false, true} {
		for _, keyed := range []bool{false, true} {
			err := ranks.Local(2, func(c ranks.Comm) error {
				r := Run{Config: Default(), Comm: c}
				r.Config.Batch.SyncBN = syncBN
				e, m := &splitting{linear: newLinear(2, 2)}, &splitting{linear: newLinear(2, 2)}
				r.Encoder = e
				if keyed {
					r.MomentumEncoder = m
				}
				team, err := newTeam(r)
				if err != nil {
					return err
				}
				if e.parts != 2 || e.sums != syncBN || !e.early || team.averaged == syncBN {
					t.Errorf("sync-bn %v: the encoder works on 1 of %d, sums %v, early %v", syncBN, e.parts, e.sums, e.early)
				}
				if keyed && (m.parts != 2 || m.sums != syncBN || m.early) {
					t.Errorf("sync-bn %v: the momentum encoder works on 1 of %d, sums %v, early %v", syncBN, m.parts, m.sums, m.early)
				}
				return nil
			})
			if err != nil {
				t.Errorf("sync-bn %v: %v", syncBN, err)
			}
		}
	}
}

// After a pass gradients are sums over ranks, and buffers means.
func TestRanksAddUpGradientsAndAverageBuffers(t *testing.T) {
	t.Parallel()
	err := ranks.Local(2, func(c ranks.Comm) error {
		e := newLinear(2, 2)
		e.grad[1], e.buffer[0] = float32(1+c.Rank()), float32(4*c.Rank())
		team, err := newTeam(Run{Config: Default(), Comm: c, Encoder: e})
		if err != nil {
			return err
		}
		team.summing.start()
		defer team.summing.stop()
		team.summing.begin()
		if err := team.addUp(e); err != nil {
			return err
		}
		if e.grad[1] != 3 || e.buffer[0] != 2 {
			t.Errorf("rank %d: a gradient of %g and a buffer of %g, want 3 and 2", c.Rank(), e.grad[1], e.buffer[0])
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
