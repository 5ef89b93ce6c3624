//go:build nvidia

package encoder

import (
	"math/rand/v2"
	"slices"
	"testing"

	"crossbatch/backbone"
	"crossbatch/xbm/internal/cuda"
	"crossbatch/xbm/internal/cuda/cudatest"
)

// arraysOf are a network's parameters, moved away from where they start.
func arraysOf(net *backbone.Net, rng *rand.Rand) (arrays [][]float32) {
	net.State(func(_ string, _ []int, value, _ []float32) {
		for i := range value {
			if value[i] == 0 || value[i] == 1 {
				value[i] += 0.3 * rng.Float32()
			}
		}
		arrays = append(arrays, value)
	})
	return arrays
}

// Every network embeds as on the processor: in float32 but for rounding, otherwise within
// what a chain of rounded products leaves.
func TestNetworksAreTheProcessors(t *testing.T) {
	c := open(t)
	small := map[string]backbone.Config{
		backbone.ViTB16: {Filters: 70}, backbone.ViTS14: {Filters: 64}, backbone.ViTS16: {Filters: 128, TokenPool: backbone.TokenBoth},
		backbone.MobileNetV3Large: {Filters: 4}, backbone.MobileNetV3Small: {Filters: 4}, backbone.Linear: {}, backbone.MLP: {Filters: 40},
		backbone.ResNet50: {Filters: 4, MaxPool: true, Head: backbone.HeadMLP}, backbone.Conv4: {Filters: 6, NoBatchNorm: true, LayerNorm: true},
	}
	for k, kind := range backbone.Kinds() {
		config, ok := small[kind]
		if !ok {
			config.Filters = 4
		}
		config.Kind, config.Channels, config.Height, config.Width, config.Dim = kind, 3, 32, 32, 10
		if kind == backbone.ViTS14 {
			config.Height, config.Width = 28, 42
		}
		for _, precision := range []cuda.Precision{cuda.FP32, cuda.TF32, cuda.BF16} {
			if precision != cuda.FP32 && (testing.Short() || !slices.Contains([]string{backbone.Conv4, backbone.MobileNetV3Small, backbone.ResNet18, backbone.ViTS16}, kind)) {
				continue
			}
			net, err := backbone.New(config)
			if err != nil {
				t.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(uint64(k), 7))
			e, err := New(c, precision, net.Network(), arraysOf(net, rng))
			if err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			const batch = 2
			images := gauss(rng, batch*e.pixels)
			got, want := make([]float32, batch*e.dim), make([]float32, batch*e.dim)
			if err := net.Embed(want, images); err != nil {
				t.Fatal(err)
			}
			if err := e.Embed(got, images); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			off := cudatest.Farthest(got, want)
			t.Logf("%s, %s: off by %.2g", kind, precision, off)
			if most := map[cuda.Precision]float64{cuda.FP32: 1e-4, cuda.TF32: 2e-2, cuda.BF16: 0.2}[precision]; !(off <= most) {
				t.Errorf("%s, %s: off by %.2g, most %.2g", kind, precision, off, most)
			}
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
