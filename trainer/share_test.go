package trainer

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"crossbatch/trainer/checkpoint"
	"crossbatch/trainer/ranks"
	"crossbatch/xbm"
	"crossbatch/xbm/pair"
)

// A training whose memory is shared out to ranks is that of one process, but for rounding,
// and each rank holds its share of the rows.
func TestASharedMemoryIsTheSameTraining(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){
		"both":    func(*Config) {},
		"paper":   func(c *Config) { c.Memory.Combine, c.Loss.Spec = Paper, "multi-similarity" },
		"pml":     func(c *Config) { c.Memory.Combine, c.Memory.Half, c.Loss.Spec = PML, true, "nt-xent" },
		"mined":   func(c *Config) { c.Loss.Spec, c.Loss.Miner = "triplet", "batch-hard" },
		"margin":  func(c *Config) { c.Loss.Spec = "margin:learn_beta=true"; c.Memory.AgeTau = 20 },
		"supcon":  func(c *Config) { c.Loss.Spec, c.Memory.Policy, c.Memory.MaxAge = "supcon", "keyed", 6 },
		"keys":    func(c *Config) { c.Keys.Encoder, c.Memory.Positive = EncoderMomentum, "0.5" },
		"watched": func(c *Config) { c.Watch.InspectEvery, c.Watch.DirectionEvery, c.SkipBadBatches = 5, 11, true },
		"started": func(c *Config) { c.Memory.Start, c.Memory.StartDrift, c.Memory.Prefill = StartAuto, 3.9, true },
		"cured":   func(c *Config) { c.Memory.Cure, c.Memory.Policy = "sdc", "class-balanced:5" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			of := func(r *Run) {
				r.Config.Steps, r.Config.Watch.ValidateEvery = 50, 20
				change(&r.Config)
				r.Config.Memory.Share = true
			}
			one, err := together(t, 1, of)
			if err != nil {
				t.Fatal(err)
			}
			if one[0].here != len(one[0].rows) || one[0].here == 0 {
				t.Errorf("one process holds %d numbers of %d", one[0].here, len(one[0].rows))
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
				sum := 0
				for rank, own := range many {
					if !slices.Equal(own.weights, many[0].weights) {
						t.Errorf("rank %d of %d ends with other weights than rank 0", rank, size)
					}
					if share := (len(own.rows)/8 + size - 1) / size * 8; own.here > share {
						t.Errorf("rank %d of %d holds %d numbers, its share is %d", rank, size, own.here, share)
					}
					sum += own.here
				}
				if sum != len(many[0].rows) {
					t.Errorf("%d ranks hold %d numbers of %d", size, sum, len(many[0].rows))
				}
				losses(t, fmt.Sprintf("%d ranks", size), many[0].steps, one[0].steps)
				near(t, fmt.Sprintf("directions on %d ranks", size), cosines(many[size-1]), cosines(one[0]), 1e-4)
				near(t, fmt.Sprintf("weights on %d ranks", size), many[0].weights, one[0].weights, 2e-5)
				near(t, fmt.Sprintf("memory on %d ranks", size), many[0].rows, one[0].rows, 1e-3) // where it is halves, one of 2,048
			}
		})
	}
}

// Checkpoints of a shared memory are those of one process: any number of ranks goes on with
// one, shared out or not, with as many to the same bytes.
func TestASharedMemoryGoesOnOnOtherRanks(t *testing.T) {
	t.Parallel()
	saved := map[int64][]byte{}
	keep := func(r *Run) {
		r.Config.Steps, r.Config.Watch.ValidateEvery, r.Config.Memory.Policy, r.Config.Memory.MaxAge = 40, 20, "keyed", 7
		r.Config.Memory.Share, r.CheckpointEvery = true, 15
		r.Checkpoint = func(int64, bool) error { return nil }
	}
	run := func(size int, share bool, from []byte, to map[int64][]byte) {
		t.Helper()
		err := ranks.Local(size, func(c ranks.Comm) error {
			r, _ := barsRun(t)
			r.Comm = c
			keep(&r)
			r.Config.Memory.Share = share
			var training *Training
			if c.Rank() == 0 {
				r.Checkpoint = func(step int64, _ bool) error {
					var b bytes.Buffer
					if err := checkpoint.Write(&b, training.Sections()); err != nil {
						return err
					}
					to[step] = b.Bytes()
					return nil
				}
			}
			var err error
			if training, err = Prepare(r); err != nil {
				return err
			}
			if from != nil && c.Rank() == 0 {
				content, err := checkpoint.Parse(from)
				if err == nil {
					err = content.Restore(training.Sections())
				}
				if err != nil {
					return err
				}
			}
			_, err = training.Train(t.Context())
			return err
		})
		if err != nil {
			t.Fatalf("%d ranks: %v", size, err)
		}
	}
	run(4, true, nil, saved)
	if len(saved) < 3 || saved[15] == nil {
		t.Fatalf("%d checkpoints", len(saved))
	}
	for _, size := range []int{1, 2, 4} {
		for _, share := range []bool{false, true} {
			again := map[int64][]byte{}
			run(size, share, saved[15], again)
			was, is := parse(t, saved[40]), parse(t, again[40])
			if size == 4 && share {
				for _, name := range was.Names() {
					if name != "progress" && !bytes.Equal(was.Data(name), is.Data(name)) {
						t.Errorf("%s is another than without a break", name)
					}
				}
			}
			near(t, fmt.Sprintf("memory on %d ranks, shared %v", size, share), rowsOf(t, is), rowsOf(t, was), 1e-4)
		}
	}
}

func parse(t *testing.T, file []byte) *checkpoint.Content {
	t.Helper()
	c, err := checkpoint.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// rowsOf are the rows in a checkpoint's memory.
func rowsOf(t *testing.T, c *checkpoint.Content) []float32 {
	t.Helper()
	r, _ := barsRun(t)
	rows, err := r.Config.MemoryRows(len(r.Split.Train))
	if err != nil {
		t.Fatal(err)
	}
	m, err := xbm.MemoryConfig{Capacity: rows, Dim: 8, Policy: xbm.Keyed{}, MaxAge: 7}.New()
	if err == nil {
		err = m.UnmarshalBinary(c.Data("memory"))
	}
	if err != nil {
		t.Fatal(err)
	}
	return m.AppendRows(nil)
}

// A rank whose disk is full tells of it, and no rank waits for it.
func TestAFullDiskEndsASharedMemory(t *testing.T) {
	t.Parallel()
	_, err := together(t, 2, func(r *Run) {
		r.Config.Memory.Share, r.CheckpointEvery = true, 15
		rank := r.Comm.Rank()
		r.Checkpoint = func(int64, bool) error {
			if rank == 0 {
				return fmt.Errorf("disk full")
			}
			return nil
		}
	})
	if err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v", err)
	}
}

// device takes nothing.
type device struct{}

func (device) Run([]float32, *pair.Problem, pair.Loss) (s pair.Summary, taken bool, err error) {
	return s, false, nil
}

func TestWhatCannotBeSharedIsRefusedByName(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*Run){
		`loss is "lifted"`:         func(r *Run) { r.Config.Loss.Spec = "lifted" },
		"leave out share-memory":   func(r *Run) { r.Config.Loss.Spec = "triplet:smooth=true" },
		`miner "distance-weighted`: func(r *Run) { r.Config.Loss.Spec, r.Config.Loss.Miner = "margin", "distance-weighted" },
		"drift-every is 5":         func(r *Run) { r.Config.Watch.DriftEvery = 5 },
		`cure "xbn"`:               func(r *Run) { r.Config.Memory.Cure = "xbn" },
		"give device cpu":          func(r *Run) { r.Device = device{} },
	} {
		steps := 0
		of := func(r *Run) {
			r.Config.Memory.Share, r.Config.Steps, r.Config.Watch.ValidateEvery = true, 1, 1
			r.Progress = func(Progress) { steps++ }
			change(r)
		}
		if _, err := together(t, 2, of); err == nil || !strings.Contains(err.Error(), want) || steps > 0 {
			t.Errorf("after %d steps: %v, want an error with %q", steps, err, want)
		}
		// One process has all rows in one place.
		if _, err := together(t, 1, of); err != nil {
			t.Error(err)
		}
	}
}

// All ranks measure together.
func TestRanksMeasureTogether(t *testing.T) {
	t.Parallel()
	for _, share := range []bool{false, true} {
		err := ranks.Local(2, func(c ranks.Comm) error {
			r, _ := barsRun(t)
			r.Comm, r.Config.Memory.Share = c, share
			training, err := Prepare(r)
			if err != nil {
				return err
			}
			cost, err := training.Measure(2)
			if err == nil && cost.Step <= 0 {
				err = fmt.Errorf("a step takes %v", cost.Step)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
