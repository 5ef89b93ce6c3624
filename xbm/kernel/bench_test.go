package kernel

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"
)

// peak is the GFLOP/s of one core with each kind.
var peak = sync.OnceValue(func() (peak [avx512 + 1]float64) {
	for kd := portable; kd <= native; kd++ {
		for range 10 {
			peak[kd] = max(peak[kd], kd.peak(2*time.Millisecond))
		}
	}
	return peak
})

func BenchmarkGemm(b *testing.B) {
	rng := rand.New(rand.NewPCG(9, 9))
	for _, s := range []struct {
		m, k, n int
		trans   bool // b
		serial  bool
	}{
		{m: 1024, k: 1024, n: 1024},
		{m: 1024, k: 1024, n: 1024, trans: true},
		{m: 1024, k: 1024, n: 1024, serial: true},
		// Embeddings with the memory, and weights with it.
		{m: 64, k: 128, n: 4096, trans: true},
		{m: 64, k: 128, n: 60000, trans: true},
		{m: 64, k: 4096, n: 128},
		{m: 64, k: 4096, n: 128, serial: true},
		{m: 16, k: 128, n: 512, trans: true, serial: true},
		// Convolutions.
		{m: 32, k: 9, n: 1024, serial: true},
		{m: 32, k: 288, n: 256, serial: true},
		{m: 64, k: 576, n: 256, serial: true},
		{m: 64, k: 576, n: 16, serial: true},
	} {
		x, y, z := denseMat(rng, s.m, s.k, false), denseMat(rng, s.k, s.n, s.trans), denseMat(rng, s.m, s.n, false)
		for kd := portable; kd <= native; kd++ {
			gemm, cores := kd.gemm, runtime.GOMAXPROCS(0)
			if s.serial {
				gemm, cores = kd.gemmSerial, 1
			}
			b.Run(fmt.Sprintf("shape=%dx%dx%d/trans=%t/cores=%d/kind=%v", s.m, s.k, s.n, s.trans, cores, kd), func(b *testing.B) {
				for b.Loop() {
					gemm(s.m, s.n, s.k, 1, x, y, 0, z)
				}
				reportFlops(b, kd, 2*s.m*s.n*s.k, cores)
			})
		}
	}
}

// denseMat is a random matrix whose rows lie next to one another.
func denseMat(rng *rand.Rand, rows, cols int, trans bool) Mat {
	x := Mat{Data: randomFloats(rng, rows*cols), Stride: cols, Trans: trans}
	if trans {
		x.Stride = rows
	}
	return x
}

// reportFlops reports the speed, and its part of what the cores could do.
func reportFlops(b *testing.B, kd kind, flops, cores int) {
	speed := float64(flops) * float64(b.N) / float64(b.Elapsed().Nanoseconds())
	b.ReportMetric(speed, "GFLOP/s")
	b.ReportMetric(100*speed/(float64(cores)*peak()[kd]), "%peak")
	b.ReportMetric(0, "ns/op")
}

func BenchmarkPeak(b *testing.B) {
	for kd := portable; kd <= native; kd++ {
		b.Run("kind="+kd.String(), func(b *testing.B) {
			for b.Loop() {
			}
			b.ReportMetric(peak()[kd], "GFLOP/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func BenchmarkVector(b *testing.B) {
	rng := rand.New(rand.NewPCG(10, 10))
	for _, n := range []int{128, 4096} {
		x, y, places := randomFloats(rng, n), make([]float32, n), make([]int32, n+FindSlack)
		for kd := portable; kd <= native; kd++ {
			for _, c := range []struct {
				name string
				run  func()
			}{
				{"Dot", func() { kd.dot(x, y) }},
				{"Axpy", func() { kd.axpy(y, 1e-9, x) }},
				{"Scale", func() { kd.scale(y, 2, x) }},
				{"SquaredDistance", func() { kd.squaredDistance(x, y) }},
				{"Exp", func() { kd.exp(y, x, 4, 10) }},
				{"Chord", func() { kd.chord(y, x) }},
				{"Divide", func() { kd.divide(y, x, x) }},
				{"Multiply", func() { kd.multiply(y, x, x) }},
				{"Adjust", func() { kd.adjust(y, x, x, x) }},
				{"Max", func() { kd.largest(x) }},
				{"MarkAbove", func() { kd.markAbove(y, x, 2) }},
				{"FindAbove", func() { kd.findAbove(places, x, 3) }},
			} {
				b.Run(fmt.Sprintf("%s/n=%d/kind=%v", c.name, n, kd), func(b *testing.B) {
					for b.Loop() {
						c.run()
					}
					b.ReportMetric(float64(n)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "elements/ns")
				})
			}
		}
	}
}

func BenchmarkNormalizeRows(b *testing.B) {
	const rows, dim = 8192, 128
	x := randomFloats(rand.New(rand.NewPCG(11, 11)), rows*dim)
	dst, norms := make([]float32, len(x)), make([]float32, rows)
	for kd := portable; kd <= native; kd++ {
		b.Run("kind="+kd.String(), func(b *testing.B) {
			b.SetBytes(4 * rows * dim)
			for b.Loop() {
				kd.normalizeRows(dst, norms, x, dim)
			}
		})
	}
}
