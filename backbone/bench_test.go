package backbone

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// BenchmarkTrain is forward and backward of one step, with no loss to speak of.
func BenchmarkTrain(b *testing.B) {
	for _, filters := range []int{32, 64} {
		b.Run(fmt.Sprintf("filters=%d", filters), func(b *testing.B) { benchmarkTrain(b, filters) })
	}
}

func benchmarkTrain(b *testing.B, filters int) {
	const batch = 64
	n, images := randomNet(b, Config{Kind: Conv4, Channels: 1, Height: 32, Width: 32, Filters: filters}, batch)
	grad := func(dEmb, emb []float32) error {
		copy(dEmb, emb)
		return nil
	}
	if err := n.Train(images, grad); err != nil { // builds the graph
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := n.Train(images, grad); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "images/s")
}

func BenchmarkEmbed(b *testing.B) {
	const batch = 256
	n, images := randomNet(b, Config{Kind: Conv4, Channels: 1, Height: 32, Width: 32, Filters: 32}, batch)
	emb := make([]float32, batch*n.Dim())
	if err := n.Embed(emb, images); err != nil { // builds the graph
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := n.Embed(emb, images); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "images/s")
}

// randomNet makes a network, and a batch of random images for it.
func randomNet(t testing.TB, cfg Config, batch int) (*Net, []float32) {
	t.Helper()
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return n, normals(rand.New(rand.NewPCG(cfg.Seed, 1)), batch*n.pixels)
}

func normals(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

func fill(dst []float32, v float32) {
	for i := range dst {
		dst[i] = v
	}
}

func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}
