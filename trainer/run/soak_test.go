package run

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"crossbatch/trainer"
)

// vital is what a process holds at a moment.
type vital struct {
	steps      int64
	heap       uint64 // live, after a collection, in bytes
	resident   uint64 // as Linux counts; 0 elsewhere
	goroutines int
	files      int // open; 0 where it is not known
}

func takeVital(steps int64) vital {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	v := vital{steps: steps, heap: m.HeapAlloc, goroutines: runtime.NumGoroutine()}
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		if fields := bytes.Fields(text); len(fields) > 1 {
			pages, _ := strconv.ParseUint(string(fields[1]), 10, 64)
			v.resident = pages * uint64(os.Getpagesize())
		}
	}
	if open, err := os.ReadDir("/proc/self/fd"); err == nil {
		v.files = len(open)
	}
	return v
}

// A long training takes no more of anything as it goes on. XBM_SOAK is its number
// of steps; make soak takes 100,000.
func TestSoak(t *testing.T) {
	steps, err := strconv.ParseInt(os.Getenv("XBM_SOAK"), 10, 64)
	if err != nil {
		t.Skip("XBM_SOAK is no number of steps: make soak")
	}
	c := trainer.Default()
	c.Data.Set, c.Network.Kind, c.Network.Width, c.Network.Dim, c.Batch.Size, c.Network.Dropout = "glyphs-small", "mlp", 16, 8, 8, 0.2
	c.Memory.Size, c.Memory.Start, c.Loss.Miner, c.Steps, c.Optimizer.Schedule, c.Optimizer.LR = "256", trainer.Start(10), "distance-weighted", steps, "constant", 1e-4
	c.Watch.ValidateEvery, c.Watch.InspectEvery, c.Watch.DriftEvery, c.SkipBadBatches = steps/50, 100, 500, true
	samples, next := []vital(nil), int64(0)
	s := &Session{}
	s.Progress.Step = func(p trainer.Progress) {
		if done := p.Images / int64(c.Batch.Size); done >= next {
			samples = append(samples, takeVital(done))
			next += steps / 100
		}
	}
	began := time.Now()
	if _, err := s.Train(context.Background(), Job{Config: c, Dir: filepath.Join(t.TempDir(), "run"), Keep: Keep{CheckpointEvery: steps / 200}}); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d steps in %v", steps, time.Since(began).Round(time.Second))
	for i := 0; i < len(samples); i += len(samples) / 10 {
		v := samples[i]
		t.Logf("after %6d steps: %6.2f MiB live, %6.2f MiB resident, %d goroutines, %d files", v.steps, mib(v.heap), mib(v.resident), v.goroutines, v.files)
	}

	// A tenth is for warming up; then the first quarter is held against the last.
	samples = samples[len(samples)/10:]
	quarter := len(samples) / 4
	early, late := samples[:quarter], samples[len(samples)-quarter:]
	for _, of := range []struct {
		what  string
		value func(vital) float64
		share float64 // that it may grow or shrink by
	}{
		{"MiB live", func(v vital) float64 { return mib(v.heap) }, 0.05},
		{"MiB resident", func(v vital) float64 { return mib(v.resident) }, 0.05},
		{"goroutines", func(v vital) float64 { return float64(v.goroutines) }, 0},
		{"files", func(v vital) float64 { return float64(v.files) }, 0},
	} {
		a, b := median(early, of.value), median(late, of.value)
		t.Logf("%-12s %8.2f early, %8.2f late", of.what, a, b)
		if b > a*(1+of.share) || of.what == "MiB live" && b < a*(1-of.share) {
			t.Errorf("%s went from %g to %g", of.what, a, b)
		}
	}
}

func mib(bytes uint64) float64 { return float64(bytes) / (1 << 20) }

func median(of []vital, value func(vital) float64) float64 {
	var all []float64
	for _, v := range of {
		all = append(all, value(v))
	}
	slices.Sort(all)
	return all[len(all)/2]
}
