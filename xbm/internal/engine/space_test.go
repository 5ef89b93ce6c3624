package engine_test

import (
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

// retail is a step at the size of a large set: labels as a sampler of classes
// draws them, five rows to a class in memory.
func retail(rows int) *pair.Problem {
	const n, dim, perClass = 64, 128, 4
	rng := rand.New(rand.NewPCG(1, 2))
	var a, c pair.Unit
	a.Set(twin.Gauss(rng, n*dim), dim)
	c.Set(twin.Gauss(rng, rows*dim), dim)
	p := &pair.Problem{Dim: dim, Anchors: pair.Side{Rows: a.Rows}, Columns: pair.Side{Rows: c.Rows}}
	classes := max(16, rows*11318/59551)
	for i := range n {
		p.Anchors.Labels = append(p.Anchors.Labels, int32(i/perClass))
	}
	for range rows {
		p.Columns.Labels = append(p.Columns.Labels, int32(rng.IntN(classes)))
	}
	return p
}

// mined is a loss with a miner, both by name.
func mined(lossText, minerText string, source *rand.PCG) (pair.Loss, error) {
	l, err := loss.Parse(lossText)
	if err != nil {
		return nil, err
	}
	return miner.Mine(l, minerText, source)
}

// extraBytes is all that a first step allocates, with a new engine and loss.
func extraBytes(p *pair.Problem, lossText, mining string) (uint64, error) {
	l, err := mined(lossText, mining, rand.NewPCG(1, 1))
	if err != nil {
		return 0, err
	}
	dst := make([]float32, len(p.Anchors.Rows))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	(&engine.Engine{}).Run(dst, p, l)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, nil
}

// No loss and no miner takes more than 64 MiB for a step, whatever the memory:
// nothing of the size of batch × memory is ever there.
func TestExtraSpace(t *testing.T) {
	const limit = 64 << 20
	sizes := []int{8192, 59551}
	if testing.Short() {
		sizes = sizes[:1]
	}
	for _, rows := range sizes {
		p := retail(rows)
		check := func(lossText, mining string) {
			bytes, err := extraBytes(p, lossText, mining)
			if err != nil {
				t.Fatal(err)
			}
			if bytes > limit {
				t.Errorf("%s with miner %s at %d rows: %d MiB", lossText, mining, rows, bytes>>20)
			}
			t.Logf("%-60s %-40s %6d rows %6.2f MiB", lossText, mining, rows, float64(bytes)/(1<<20))
		}
		for _, name := range loss.Names() {
			check(name, "none")
		}
		if rows > sizes[0] && os.Getenv("XBM_EXHAUSTIVE") == "" {
			continue
		}
		for _, mining := range miner.Names() {
			check("contrastive", mining)
			check("triplet", mining)
		}
	}
}

// The rate counts two products, the least that a loss of one pass takes:
// similarities, and weights times memory; and one more with a miner. MiB is all
// that a first step allocates beside the memory; later ones reuse it.
func BenchmarkMemoryTerm(b *testing.B) {
	for _, rows := range []int{8192, 59551} {
		p := retail(rows)
		bench := func(lossText, mining string) {
			name := lossText
			if mining != "none" {
				name += "+" + mining
			}
			b.Run(name+"/batch=64/rows="+strconv.Itoa(rows), func(b *testing.B) {
				bytes, err := extraBytes(p, lossText, mining)
				if err != nil {
					b.Fatal(err)
				}
				l, err := mined(lossText, mining, rand.NewPCG(1, 1))
				if err != nil {
					b.Fatal(err)
				}
				dst := make([]float32, len(p.Anchors.Rows))
				var e engine.Engine
				b.ReportAllocs()
				for b.Loop() {
					e.Run(dst, p, l)
				}
				products := 2
				if mining != "none" {
					products++
				}
				b.ReportMetric(float64(2*products)*float64(len(p.Anchors.Labels)*rows*p.Dim)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
				b.ReportMetric(float64(bytes)/(1<<20), "MiB")
			})
		}
		for _, name := range loss.Names() {
			bench(name, "none")
		}
		for _, mining := range miner.Names()[1:] {
			bench("triplet", mining)
		}
	}
}
