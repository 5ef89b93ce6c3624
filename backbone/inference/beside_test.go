package inference

import (
	"math"
	"testing"

	"crossbatch/backbone/network"
)

// Images come channel by channel. They, and what is made of them alone, may stand beside
// values that lie pixel by pixel.
func TestImagesBesideWhatIsMadeOfThem(t *testing.T) {
	gelu := func(x float32) float32 { return float32(0.5 * float64(x) * (1 + math.Erf(float64(x)/math.Sqrt2))) }
	one := func(x float32) float32 { return x }
	for name, c := range map[string]struct {
		build func(b *network.Builder) network.Value
		parts []func(float32) float32 // of a concatenation; of a sum one
	}{
		"sum": {func(b *network.Builder) network.Value { return b.Sum(b.Images(), b.GELU(b.Images())) },
			[]func(float32) float32{func(x float32) float32 { return x + gelu(x) }}},
		"concatenation": {func(b *network.Builder) network.Value {
			return b.Apply(network.Concat{}, nil, b.Images(), b.GELU(b.Images()))
		}, []func(float32) float32{one, gelu}},
		"pooled": {func(b *network.Builder) network.Value {
			return b.Sum(b.MaxPool(b.Images(), network.MaxPool{Size: 1, Stride: 1}), b.Images())
		}, []func(float32) float32{func(x float32) float32 { return 2 * x }}},
	} {
		t.Run(name, func(t *testing.T) {
			const channels, pixels, rows = 3, 4 * 5, 2
			b := network.NewBuilder(channels, 4, 5)
			n, err := b.Finish(b.GlobalAverage(c.build(b)))
			if err != nil {
				t.Fatal(err)
			}
			p, err := New(n, nil)
			if err != nil {
				t.Fatal(err)
			}
			images := make([]float32, rows*channels*pixels)
			for i := range images {
				images[i] = float32(math.Sin(float64(i * i)))
			}
			got := make([]float32, rows*channels*len(c.parts))
			p.Embed(got, images)
			for i, g := range got {
				row, part, channel := i/(channels*len(c.parts)), i/channels%len(c.parts), i%channels
				var want float64
				for _, x := range images[(row*channels+channel)*pixels:][:pixels] {
					want += float64(c.parts[part](x)) / pixels
				}
				if math.Abs(want-float64(g)) > 1e-6 {
					t.Errorf("%d: %g, want %g", i, g, want)
				}
			}
		})
	}
}
